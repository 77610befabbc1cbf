import type { Hex } from 'viem';
import { randomId } from '#core/crypto/ids.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Host, Logger } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';
import { failures } from '../failures.ts';
import { fromText, toText } from '../store.ts';

/** One transaction of an act. */
export interface Step {
  readonly to: EvmAddress;
  readonly data: Hex;
  readonly about: string;
}

export interface Plan {
  readonly kind: string;
  /** The deal, offer or account that it is about. */
  readonly subject: string;
  readonly chain: ChainRef;
  readonly from: EvmAddress;
  readonly about: string;
  readonly steps: readonly Step[];
  /** What takes back the steps that were done, when a later one is refused. */
  readonly undo: readonly Step[];
  /** What whoever finishes it needs to know. */
  readonly note?: unknown;
}

/**
 * Transactions that belong together. All of them are fixed and on disk before the first is signed; each has a key under which the wallet
 * signs but once. So whatever ends the process, the act goes on from where it was, and nothing is done twice.
 */
export interface Act extends Plan {
  readonly id: string;
  readonly at: number;
  /** The nonce of what the account sent next, as its chain had it when this was decided. */
  readonly decidedAt: number;
  state: 'running' | 'undoing' | 'done' | 'failed';
  /** Done so far, of `steps` or, while undoing, of `undo`. */
  position: number;
  /** The wallet was asked for the first one: from then on an act is gone through with. */
  begun: boolean;
  /** Transaction of each step that was sent. */
  readonly hashes: Hash32[];
  /** Why it failed; while it runs, why it waits. */
  why: string | null;
}

export interface ActsDeps {
  readonly database: Database;
  readonly host: Host;
  readonly log: Logger;
  readonly accounts: Accounts;
  /** Called when all steps are done, before that is written: done once more where the process ends between. */
  readonly finish: (act: Act) => Promise<void>;
  /** Whether a step that was refused is so already: somebody else handed the same in. */
  readonly isDone: (act: Act, position: number) => Promise<boolean>;
  readonly changed: (act: Act) => void;
  readonly probe?: ((point: string) => void) | undefined;
}

export interface Acts {
  /** Write it down and begin. */
  begin(plan: Plan, decidedAt: number): Act;
  /** Resolves when it is done. @throws Fail that says why it is not; CANCELLED, and then it goes on by itself unless nothing was sent */
  finished(id: string, signal: AbortSignal): Promise<Act>;
  /** Those that are not over, and those that failed lately. */
  of(subject: string): readonly Act[];
  open(): readonly Act[];
  /** Go on with all that are not over: after a start, when keys or chains came. */
  resume(): void;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const firstWaitMs = 2_000;
const longestWaitMs = 60_000;
/** What speaks against the act itself; anything else is the chain's or the keys' and passes. */
const final = ['CALL_REFUSED', 'TX_LOST', 'NOT_FOUND'];

export function createActs(deps: ActsDeps): Acts {
  const { database, host, log, accounts } = deps;
  const { db } = database;
  const put = db.prepare(
    'INSERT INTO acts VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body',
  );
  const stopping = new AbortController();
  /** One after the other for each account: an allowance is for the step that follows it. */
  const lanes = new Map<string, Promise<void>>();
  const queued = new Set<string>();
  const live = new Map<string, Act>();
  const errors = new Map<string, Fail>();
  const wakers = new Set<() => void>();
  const watchers = new Set<() => void>();

  const read = (rows: readonly unknown[]): Act[] =>
    rows.map((row) => {
      const kept = fromText<Act>((row as { body: string }).body);
      return live.get(kept.id) ?? kept;
    });
  const unfinished = () =>
    read(db.prepare("SELECT body FROM acts WHERE state IN ('running', 'undoing') ORDER BY at, rowid").all());

  const save = (act: Act): void => {
    database.transaction(() => put.run(act.id, act.at, act.state, act.subject, toText(act)));
    deps.changed(act);
    for (const tell of [...watchers]) tell();
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        cancel();
        wakers.delete(end);
        resolve();
      };
      const cancel = host.setTimer(ms, end);
      wakers.add(end);
    });

  /** One transaction, to its receipt. @throws Fail */
  const perform = async (act: Act, step: Step, index: number, key: string): Promise<void> => {
    if (act.hashes[index] === undefined) {
      if (!act.begun) {
        act.begun = true;
        save(act);
      }
      deps.probe?.(`${act.kind} ${key} before`);
      const { chain, from } = act;
      act.hashes[index] = await accounts.send({
        ...{ chain, from, to: step.to, data: step.data, about: step.about },
        key: `deals/${act.id}/${key}`,
        // Taking an allowance back does no harm, however often.
        ...(act.state === 'undoing' ? {} : { decidedAt: act.decidedAt }),
      });
      deps.probe?.(`${act.kind} ${key} sent`);
      save(act);
    }
    const receipt = await accounts.settled(act.chain, act.hashes[index], stopping.signal);
    if (!receipt.ok) throw fail('CALL_REFUSED', 'The contract refused it.', { data: { tx: receipt.hash } });
    deps.probe?.(`${act.kind} ${key} settled`);
  };

  const advance = async (act: Act): Promise<void> => {
    const undoing = act.state === 'undoing';
    const steps = undoing ? act.undo : act.steps;
    const step = steps[act.position];
    if (step === undefined) {
      if (undoing) act.state = 'failed';
      else {
        await deps.finish(act);
        deps.probe?.(`${act.kind} finished`);
        act.state = 'done';
        act.why = null;
      }
      return save(act);
    }
    const index = undoing ? act.steps.length + act.position : act.position;
    try {
      await perform(act, step, index, `${undoing ? 'undo' : 'step'}${act.position}`);
    } catch (error) {
      if (stopping.signal.aborted || !isFail(error)) throw error;
      // Before anything was sent, everything that goes wrong is for whoever asked.
      const fresh = !undoing && act.position === 0 && act.hashes[0] === undefined;
      if (!final.includes(error.code) && !(fresh && error.code === 'MONEY_SHORT')) throw error;
      // The last step may have been sent by what is not known here any more: then all before it was too.
      const last = act.steps.length - 1;
      for (const done of error.code === 'TX_LOST' ? [act.position, last] : [act.position]) {
        if (undoing || !(await deps.isDone(act, done))) continue;
        act.position = done + 1;
        return save(act);
      }
      if (undoing) {
        // Nothing more can be done about it than to say so.
        log.warn({ act: act.id, error: error.message }, 'a step could not be taken back');
        act.position++;
        return save(act);
      }
      errors.set(act.id, error);
      act.why = error.message;
      const taken = act.position > 0 && act.undo.length > 0;
      act.state = taken ? 'undoing' : 'failed';
      act.position = 0;
      return save(act);
    }
    act.position++;
    act.why = null;
    save(act);
  };

  const run = async (act: Act): Promise<void> => {
    let wait = firstWaitMs;
    while (!stopping.signal.aborted && (act.state === 'running' || act.state === 'undoing')) {
      try {
        await advance(act);
        wait = firstWaitMs;
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!isFail(error)) log.error({ act: act.id, error }, 'an act came to a fault; it is tried again');
        const why = isFail(error) ? error.message : 'Something went wrong inside.';
        if (act.why !== why) {
          act.why = why;
          deps.changed(act);
          for (const tell of [...watchers]) tell();
        }
        await pause(wait);
        wait = Math.min(wait * 2, longestWaitMs);
      }
    }
  };

  const enqueue = (act: Act): void => {
    if (queued.has(act.id) || stopping.signal.aborted) return;
    queued.add(act.id);
    live.set(act.id, act);
    const lane = `${act.chain} ${act.from}`;
    const before = lanes.get(lane) ?? Promise.resolve();
    const next = before
      .then(() => run(act))
      .catch((error: unknown) => log.error({ error }, 'an act stopped'))
      .finally(() => {
        queued.delete(act.id);
        live.delete(act.id);
      });
    lanes.set(lane, next);
  };

  return {
    begin(plan, decidedAt) {
      const act: Act = {
        ...plan,
        ...{
          id: randomId(host.random),
          at: host.now(),
          decidedAt,
          state: 'running',
          position: 0,
          begun: false,
          hashes: [],
          why: null,
        },
      };
      save(act);
      deps.probe?.(`${act.kind} written`);
      enqueue(act);
      return act;
    },
    finished(id, signal) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const settle = outcome();
          if (settle === null) return;
          end();
          settle();
        };
        const outcome = (): (() => void) | null => {
          const act = live.get(id) ?? read(db.prepare('SELECT body FROM acts WHERE id = ?').all(id))[0];
          if (act === undefined) return () => reject(failures.noDeal());
          if (act.state === 'done') return () => resolve(act);
          if (act.state === 'failed') {
            const error = errors.get(id);
            errors.delete(id);
            // What was refused before anything was done says the most.
            const own = error !== undefined && act.hashes.length === 0;
            const failed = failures.actFailed(act.about, act.why ?? 'it was refused', act.hashes.length > 0);
            return () => reject(own ? error : failed);
          }
          if (!signal.aborted && !stopping.signal.aborted) return null;
          if (!act.begun && signal.aborted) {
            act.state = 'failed';
            act.why = 'it was cancelled before anything was sent';
            save(act);
          }
          return () => reject(fail('CANCELLED', 'Cancelled.', { meaning: cancelledMeaning(act) }));
        };
        const end = (): void => {
          watchers.delete(look);
          signal.removeEventListener('abort', look);
          stopping.signal.removeEventListener('abort', look);
        };
        watchers.add(look);
        signal.addEventListener('abort', look);
        stopping.signal.addEventListener('abort', look);
        look();
      });
    },
    of(subject) {
      return read(
        db
          .prepare("SELECT body FROM acts WHERE subject = ? AND state <> 'done' ORDER BY at DESC, rowid DESC LIMIT 10")
          .all(subject),
      );
    },
    open: unfinished,
    resume() {
      for (const act of unfinished()) enqueue(act);
      for (const wake of [...wakers]) wake();
    },
    async stop() {
      stopping.abort();
      for (const wake of [...wakers]) wake();
      await Promise.all(lanes.values());
    },
  };
}

const cancelledMeaning = (act: Act): string =>
  act.begun ? 'It had begun, and goes on in the background to its end.' : 'Nothing was sent and nothing was paid.';
