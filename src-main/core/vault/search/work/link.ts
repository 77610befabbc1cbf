import { Worker } from 'node:worker_threads';
import type { Host } from '#core/host.ts';
import type { Start } from './serve.ts';

/** The thread is gone: it ended, ran out of memory, or took too long and was ended. */
export class ThreadGone extends Error {
  override readonly name = 'ThreadGone';
}

/** A thread that answers questions in order. */
export interface Link {
  /** @throws ThreadGone; an error with the system's `code` that the thread met */
  ask(job: unknown, transfer?: readonly ArrayBuffer[], withinMs?: number): Promise<unknown>;
  gone(): boolean;
  /** End it now, whatever it is at: its memory goes, and with it all it knew. */
  end(): Promise<void>;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
  readonly cancel: () => void;
}

export function createLink(
  url: URL,
  start: Start,
  host: Pick<Host, 'setTimer'>,
  resourceLimits: { maxOldGenerationSizeMb: number; maxYoungGenerationSizeMb: number },
): Link {
  const worker = new Worker(url, { workerData: start, resourceLimits });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let over = false;
  const fail = (error: Error): void => {
    over = true;
    for (const one of waiting.values()) {
      one.cancel();
      one.reject(error);
    }
    waiting.clear();
  };
  worker.on('message', ({ id, result, error, code }) => {
    const one = waiting.get(id);
    if (!one) return;
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    one.cancel();
    if (error === undefined) one.resolve(result);
    else one.reject(Object.assign(new Error(error), { code }));
  });
  worker.on('error', (error) => fail(new ThreadGone(String(error))));
  worker.on('exit', () => fail(new ThreadGone('a thread of the search index ended')));
  const end = async (): Promise<void> => {
    fail(new ThreadGone('a thread of the search index was ended'));
    await worker.terminate();
  };
  return {
    ask(job, transfer = [], withinMs) {
      if (over) return Promise.reject(new ThreadGone('a thread of the search index is gone'));
      return new Promise((resolve, reject) => {
        const id = nextId++;
        const cancel = withinMs === undefined ? () => {} : host.setTimer(withinMs, () => void end());
        waiting.set(id, { resolve, reject, cancel });
        // While somebody waits for it, it keeps the process.
        worker.ref();
        worker.postMessage({ id, job }, [...transfer]);
      });
    },
    gone: () => over,
    end,
  };
}
