import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ActivityEntry, activityContract } from '#shared/contract/activity.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Approvals } from './approvals.ts';
import type { Broker } from './broker.ts';
import type { Handlers } from './handlers.ts';
import { chainStart, type EndRecord, type Journal, type JournalEntry, verifyChain } from './journal.ts';
import type { Mandates } from './mandates.ts';
import { namesFiles, undoWords } from './words.ts';

export interface ActivityParts {
  contract: Contract;
  journal: Journal;
  approvals: Approvals;
  mandates: Mandates;
  /** The broker is made after its handlers; undo goes through it like any other call. */
  broker: () => Broker;
  /** While locked, the words of vault entries (they name files) are held back. */
  isLocked: () => boolean;
}

/** Rows looked at in one turn of the event loop. */
const chunk = 500;
/** Characters of one part of an export; what a row holds is bounded, so a part fits a frame. */
const exportChars = 1024 * 1024;

/** @param after give the rows after this one, as many as fit a part; without it all, which must fit a frame. */
function exported(journal: Journal, after: number | undefined): { text: string; next: number | null } {
  const lines: string[] = [];
  let length = 0;
  let last = after ?? 0;
  for (;;) {
    const rows = journal.rows(last, chunk);
    for (const row of rows) {
      const line = `${JSON.stringify(row)}\n`;
      if (after !== undefined && lines.length > 0 && length + line.length > exportChars) {
        return { text: lines.join(''), next: last };
      }
      lines.push(line);
      length += line.length;
      last = row.seq;
    }
    if (rows.length < chunk) return { text: lines.join(''), next: null };
  }
}

/** The broker's own part of the contract: the activity log, questions and standing approvals. */
export function createActivity(parts: ActivityParts): Handlers<typeof activityContract> {
  const { contract, journal, approvals, mandates, broker, isLocked } = parts;

  const isHidden = (method: string): boolean => isLocked() && namesFiles(method);

  function shown(row: JournalEntry): ActivityEntry {
    const { begin, end } = row;
    const spec = contract[begin.method];
    const hidden = isHidden(begin.method);
    return {
      seq: row.seq,
      at: begin.at,
      caller: begin.caller,
      method: begin.method,
      effect: begin.effect,
      summary: hidden ? (spec?.about ?? begin.method) : begin.summary,
      outcome: end?.outcome ?? 'running',
      endedAt: end?.at ?? null,
      failure: hidden ? null : (end?.failure ?? null),
      authority: begin.authority,
      task: begin.task as ActivityEntry['task'],
      undo: undoState(row.seq, end, spec === undefined ? '' : undoWords(spec)),
      hash: row.hash,
    };
  }

  /** What a search looks at; held back with the rest while locked. */
  function searched({ begin }: JournalEntry): string {
    return `${isHidden(begin.method) ? '' : begin.summary} ${begin.method} ${begin.caller.name}`;
  }

  function undoState(seq: number, end: EndRecord | null, words: string): ActivityEntry['undo'] {
    if (end === null) return { possible: false, reason: 'It is still going on.' };
    if (end.outcome !== 'done') return { possible: false, reason: 'It did not happen.' };
    if (end.undo === null) return { possible: false, reason: words };
    if (journal.isUndone(seq)) return { possible: false, reason: 'It was undone.' };
    return { possible: true, reason: '' };
  }

  return {
    'activity.list': async ({ before, limit, effect, query }, { signal }) => {
      const entries: ActivityEntry[] = [];
      let cursor = before;
      const wanted = query?.toLocaleLowerCase();
      for (;;) {
        const rows = journal.entries(cursor, chunk);
        for (const row of rows) {
          if (effect !== undefined && row.begin.effect !== effect) continue;
          if (wanted !== undefined && !searched(row).toLocaleLowerCase().includes(wanted)) continue;
          if (entries.length === limit) return { entries, more: true };
          entries.push(shown(row));
        }
        cursor = rows.at(-1)?.seq;
        if (rows.length < chunk || cursor === undefined) return { entries, more: false };
        // A rare word is looked for in years of entries: others get their turn, and who typed on stops it.
        await nextTurn();
        signal.throwIfAborted();
      }
    },
    'activity.undo': async ({ seq }, { caller, signal }) => ({ seq: await broker().undo(caller, seq, signal) }),
    'activity.verify': async (_, { signal }) => {
      let state = chainStart;
      for (;;) {
        const rows = journal.rows(state.seq, chunk);
        state = verifyChain(rows, state);
        const { entries, brokenAt } = state;
        if (rows.length < chunk || brokenAt !== null) return { entries, intact: brokenAt === null, brokenAt };
        await nextTurn();
        signal.throwIfAborted();
      }
    },
    'activity.export': ({ after }) => {
      if (isLocked())
        throw fail('LOCKED', 'Hypha is locked.', {
          meaning: 'The log names your files.',
          next: 'Unlock and export again.',
        });
      return exported(journal, after);
    },
    // A locked screen shows no names of files, so what holds them is asked after unlocking. Who typed it at a terminal
    // knows them.
    'consent.pending': (_, { caller }) => ({
      requests: approvals.list(caller.connection).filter(({ method }) => caller.face === 'cli' || !isHidden(method)),
    }),
    'consent.answer': ({ request, allow }, { caller }) => {
      approvals.answer(caller, request, allow);
      return {};
    },
    'mandates.list': () => ({ mandates: mandates.list() }),
    'mandates.create': (input, { undo }) => {
      const mandate = mandates.create(input);
      undo('mandates.revoke', { mandate: mandate.id });
      return { mandate };
    },
    'mandates.revoke': ({ mandate }) => {
      mandates.revoke(mandate);
      return {};
    },
  };
}
