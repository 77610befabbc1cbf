import type { ActivityEntry, activityContract } from '#shared/contract/activity.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Approvals } from './approvals.ts';
import type { Broker } from './broker.ts';
import type { Handlers } from './handlers.ts';
import { type BeginRecord, type EndRecord, type Journal, verifyChain } from './journal.ts';
import type { Mandates } from './mandates.ts';
import { undoWords } from './words.ts';

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

/** The broker's own part of the contract: the activity log, questions and standing approvals. */
export function createActivity(parts: ActivityParts): Handlers<typeof activityContract> {
  const { contract, journal, approvals, mandates, broker, isLocked } = parts;

  function shown(row: { seq: number; hash: string; begin: BeginRecord; end: EndRecord | null }): ActivityEntry {
    const { begin, end } = row;
    const spec = contract[begin.method];
    const hidden = isLocked() && begin.method.startsWith('vault.');
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

  function undoState(seq: number, end: EndRecord | null, words: string): ActivityEntry['undo'] {
    if (end === null) return { possible: false, reason: 'It is still going on.' };
    if (end.outcome !== 'done') return { possible: false, reason: 'It did not happen.' };
    if (end.undo === null) return { possible: false, reason: words };
    if (journal.isUndone(seq)) return { possible: false, reason: 'It was undone.' };
    return { possible: true, reason: '' };
  }

  return {
    'activity.list': ({ before, limit, effect, query }) => {
      const entries: ActivityEntry[] = [];
      const wanted = query?.toLocaleLowerCase();
      for (const row of journal.entries(before)) {
        if (effect !== undefined && row.begin.effect !== effect) continue;
        const entry = shown(row);
        if (
          wanted !== undefined &&
          !`${entry.summary} ${entry.method} ${entry.caller.name}`.toLocaleLowerCase().includes(wanted)
        )
          continue;
        if (entries.length === limit) return { entries, more: true };
        entries.push(entry);
      }
      return { entries, more: false };
    },
    'activity.undo': async ({ seq }, { caller, signal }) => ({ seq: await broker().undo(caller, seq, signal) }),
    'activity.verify': () => {
      const { entries, brokenAt } = verifyChain(journal.rows());
      return { entries, intact: brokenAt === null, brokenAt };
    },
    'activity.export': () => {
      if (isLocked())
        throw fail('LOCKED', 'Hypha is locked.', {
          meaning: 'The log names your files.',
          next: 'Unlock and export again.',
        });
      return { text: [...journal.rows()].map((row) => `${JSON.stringify(row)}\n`).join('') };
    },
    'consent.pending': () => ({ requests: approvals.list() }),
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
