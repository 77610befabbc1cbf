import { Worker } from 'node:worker_threads';
import type { Logger } from '#core/host.ts';
import type { Remote } from '#core/threads/port.ts';
import { tendThread } from '#core/threads/tended.ts';
import type { Newest, Opened, ThreadCalls, ThreadEvents } from './protocol.ts';

/** The own ledger in a thread of its own, as the main thread sees it. */
export interface LedgerThread {
  readonly opened: Opened;
  readonly call: Omit<Remote<ThreadCalls>, 'open' | 'close'>;
  /** End it in order, or, where it does not answer in time, at once: what it acknowledged is on the disk all the same. */
  close(): Promise<void>;
}

export interface LedgerThreadDeps {
  readonly log: Logger;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly block: (newest: Newest) => void;
  readonly died: (error: Error) => void;
  /** Tests end the thread from outside. */
  readonly made?: (worker: Worker) => void;
}

/** A block that is being executed is brought to its end. */
const closeMs = 10_000;
/** A machine over a large state; beyond this it is an attack or a mistake, and must not take the computer's memory. */
const resourceLimits = { maxOldGenerationSizeMb: 2048 };

/** @throws Fail of `ThreadCalls.open` */
export async function startLedgerThread(
  path: string,
  operator: Uint8Array | null,
  { log, setTimer, block, died, made }: LedgerThreadDeps,
): Promise<LedgerThread> {
  const worker = new Worker(new URL('./ledger-worker.ts', import.meta.url), { resourceLimits });
  made?.(worker);
  const events: ThreadEvents = { block, log: (level, fields, message) => log[level](fields, message) };
  const { call, opened, close } = tendThread<ThreadCalls, ThreadEvents>(worker, events, {
    ...{ what: 'the ledger', log, setTimer, died, closeMs },
  });
  return { opened: await opened(call.open(path, operator)), call, close: () => close(() => call.close()) };
}
