import { Worker } from 'node:worker_threads';
import type { Logger } from '#core/host.ts';
import type { Remote } from '#core/threads/port.ts';
import { tendThread } from '#core/threads/tended.ts';
import type { ThreadCalls, ThreadEvents, ThreadOptions } from './protocol.ts';

/** The storage server in a thread of its own, as the main thread sees it: neither's load keeps the other waiting. */
export interface ServerThread {
  /** On 127.0.0.1. */
  readonly localPort: number;
  readonly call: Omit<Remote<ThreadCalls>, 'open' | 'stop'>;
  /** End it in order, or, where it does not answer in time, at once: what it acknowledged is on the disk all the same. */
  close(): Promise<void>;
}

export interface ServerThreadDeps {
  readonly log: Logger;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** It ended by itself. Not called after `close`, nor while it opens. */
  readonly died: (error: Error) => void;
  /** Tests end the thread from outside. */
  readonly made?: (worker: Worker) => void;
}

/** What the server holds may take a while to reach a slow disk. */
const closeMs = 10_000;
/** Keys are in memory; what is beyond this is an attack or a mistake, and must not take the computer's. */
const resourceLimits = { maxOldGenerationSizeMb: 4096, maxYoungGenerationSizeMb: 16 };

/** @throws Fail IN_USE, or what kept it from opening */
export async function startServerThread(options: ThreadOptions, deps: ServerThreadDeps): Promise<ServerThread> {
  const { log, setTimer, died } = deps;
  const worker = new Worker(new URL('./thread.ts', import.meta.url), { resourceLimits });
  deps.made?.(worker);
  const events: ThreadEvents = { log: (level, fields, message) => log[level](fields, message) };
  const what = 'the storage server';
  const { call, opened, close } = tendThread<ThreadCalls, ThreadEvents>(worker, events, {
    ...{ what, log, setTimer, died, closeMs },
  });
  const localPort = await opened(call.open(options));
  return { localPort, call, close: () => close(() => call.stop()) };
}
