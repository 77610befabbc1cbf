import type { ConsentRequest } from '#shared/contract/activity.ts';
import type { AnyMethod } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Emit, Host } from '../host.ts';
import type { Database } from '../store/database.ts';
import { bindingOf } from './binding.ts';
import type { Caller } from './handlers.ts';
import { shownArguments, summaryOf, undoWords } from './words.ts';

/** How long a question waits for its answer. */
export const consentLifetimeMs = 5 * 60_000;
/** More questions than a person could read are noise, or an attack. */
const maxPending = 32;
/** One program must not take all the room. */
const maxPendingEach = 8;

type Answer = 'allowed' | 'denied' | 'expired' | 'gone';

interface Pending {
  readonly request: Omit<ConsentRequest, 'mine'>;
  readonly caller: Caller;
  readonly settle: (answer: Answer) => void;
}

export type Approvals = ReturnType<typeof createApprovals>;

export const approvalsMigration = `
  CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    binding TEXT NOT NULL,
    method TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'allowed', 'consumed', 'denied', 'expired', 'gone'))
  ) STRICT;
`;

/**
 * Questions to the person and their answers. An approval is bound to the hash of method, arguments, nonce and expiry,
 * and is consumed in the database before the call is executed: a crash between the two loses the approval, never
 * uses it twice. Questions do not outlive the agent or the connection that asked.
 */
export function createApprovals({ store, host, emit }: { store: Database; host: Host; emit: Emit }) {
  const pending = new Map<string, Pending>();
  const insert = store.db.prepare(
    "INSERT INTO approvals (id, binding, method, expires_at, state) VALUES (?, ?, ?, ?, 'pending')",
  );
  const change = store.db.prepare('UPDATE approvals SET state = ? WHERE id = ? AND state = ?');
  const consume = store.db.prepare(
    "UPDATE approvals SET state = 'consumed' WHERE id = ? AND binding = ? AND state = 'allowed' AND expires_at > ?",
  );
  store.db.exec("UPDATE approvals SET state = 'gone' WHERE state IN ('pending', 'allowed')");
  store.db.prepare('DELETE FROM approvals WHERE expires_at < ?').run(host.now() - 30 * 86_400_000);

  function drop(id: string, state: Answer): void {
    const waiting = pending.get(id);
    if (waiting === undefined) return;
    pending.delete(id);
    change.run(state, id, 'pending');
    waiting.settle(state);
    emit({ topic: 'consent', ids: [id] });
  }

  return {
    /** @param connection of whoever looks: what was asked over it is told from what others asked under its name */
    list: (connection: string): ConsentRequest[] =>
      [...pending.values()].map(({ request, caller }) => ({ ...request, mine: caller.connection === connection })),

    /**
     * Ask the person and wait. Resolves with a use-once function that must be called right before execution with the
     * very input that will be executed; it throws when that is not what was approved.
     *
     * @param shown the input as the person is to read it: ids as the words they stand for
     * @throws Fail CONSENT_DENIED, CONSENT_EXPIRED, CANCELLED, BUSY
     */
    async ask(
      caller: Caller,
      name: string,
      spec: AnyMethod,
      input: unknown,
      signal: AbortSignal,
      shown: unknown = input,
    ): Promise<(executed: unknown) => void> {
      const own = [...pending.values()].filter((p) => p.caller.connection === caller.connection).length;
      if (pending.size >= maxPending || own >= maxPendingEach) {
        throw fail('BUSY', 'Too many questions already wait for you.', {
          meaning: 'Nothing was done.',
          next: 'Answer or refuse them first.',
        });
      }
      const askedAt = host.now();
      const expiresAt = askedAt + consentLifetimeMs;
      const id = Buffer.from(host.random(16)).toString('base64url');
      const binding = bindingOf(name, input, id, expiresAt);
      const request: Pending['request'] = {
        id,
        caller: { face: caller.face, name: caller.name },
        method: name,
        effect: spec.effect,
        summary: summaryOf(spec, shown),
        arguments: shownArguments(spec, shown),
        undo: undoWords(spec),
        askedAt,
        expiresAt,
      };
      insert.run(id, binding, name, expiresAt);
      const answer = await new Promise<Answer>((resolve) => {
        const cancelTimer = host.setTimer(consentLifetimeMs, () => drop(id, 'expired'));
        const settle = (given: Answer) => {
          cancelTimer();
          resolve(given);
        };
        pending.set(id, { request, caller, settle });
        signal.addEventListener('abort', () => drop(id, 'gone'), { once: true });
        if (signal.aborted) drop(id, 'gone');
        else emit({ topic: 'consent', ids: [id] });
      });
      if (answer === 'denied') throw fail('CONSENT_DENIED', 'You refused this.', { meaning: 'Nothing was done.' });
      if (answer === 'expired') {
        throw fail('CONSENT_EXPIRED', 'Nobody answered in time.', {
          meaning: 'Nothing was done.',
          next: 'Ask again when someone is there to answer.',
        });
      }
      if (answer === 'gone')
        throw fail('CANCELLED', 'It was cancelled before it was answered.', { meaning: 'Nothing was done.' });
      return (executed) => {
        const used = consume.run(id, bindingOf(name, executed, id, expiresAt), host.now());
        if (used.changes !== 1) {
          throw fail('CONSENT_EXPIRED', 'The approval does not fit this call any more.', {
            meaning: 'Nothing was done.',
            next: 'Ask again.',
          });
        }
      };
    },

    /**
     * Answer a question.
     *
     * @throws Fail FORBIDDEN (not a person), NOT_FOUND, OWN_REQUEST, EXPIRED
     */
    answer(caller: Caller, id: string, allow: boolean): void {
      if (!caller.person)
        throw fail('FORBIDDEN', 'Only a connection opened for a person can answer.', {
          meaning: 'The question still waits.',
        });
      const waiting = pending.get(id);
      if (waiting === undefined)
        throw fail('NOT_FOUND', 'This question does not wait any more.', {
          meaning: 'It was answered, cancelled or too old.',
        });
      if (waiting.caller.connection === caller.connection) {
        throw fail('OWN_REQUEST', 'Who asks cannot answer.', {
          meaning: 'The question still waits.',
          next: 'Answer it in the app or at a terminal prompt.',
        });
      }
      if (waiting.request.expiresAt <= host.now()) {
        drop(id, 'expired');
        throw fail('EXPIRED', 'This question is too old.', {
          meaning: 'Nothing was done.',
          next: 'Let it be asked again.',
        });
      }
      drop(id, allow ? 'allowed' : 'denied');
    },

    /** The connection that asked is gone: nobody would get the result. */
    disconnected(connection: string): void {
      for (const [id, waiting] of pending) if (waiting.caller.connection === connection) drop(id, 'gone');
    },

    stop(): void {
      for (const id of [...pending.keys()]) drop(id, 'gone');
    },
  };
}
