import { Worker } from 'node:worker_threads';
import type { Arena } from './arena.ts';
import { createRunner, type Job, type ResultOf } from './jobs.ts';

export interface Pool {
  /** Jobs wait in order for a free thread; callers bound their number by the arena's segments and slots. */
  run<J extends Job>(job: J, transfer?: readonly ArrayBuffer[]): Promise<ResultOf<J>>;
  close(): Promise<void>;
}

interface Waiting {
  readonly job: Job;
  readonly transfer: readonly ArrayBuffer[];
  resolve(result: never): void;
  reject(error: Error): void;
}

/** `workers` threads started when first needed, or this thread itself for 0. A thread that dies fails its job and is replaced. */
export function createPool(arena: Arena, workers: number, url: URL): Pool {
  return workers === 0 ? inlinePool(arena) : threadPool(arena, workers, url);
}

function inlinePool(arena: Arena): Pool {
  const run = createRunner(arena.memory, arena.scratch[0] ?? 0);
  return {
    run: async (job) => run(job),
    close: async () => {},
  };
}

// Buffers made on the way are garbage at once; a small young generation frees them early.
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

function threadPool(arena: Arena, workers: number, url: URL): Pool {
  const queue: Waiting[] = [];
  const threads: (Worker | null)[] = Array.from({ length: workers }, () => null);
  const busy = new Map<number, { id: number; waiting: Waiting }>();
  let nextId = 1;
  let closed = false;

  const start = (slot: number): Worker => {
    const worker = new Worker(url, {
      workerData: { memory: arena.memory, scratch: arena.scratch[slot] },
      resourceLimits,
    });
    worker.unref();
    worker.on('message', (answer: { id: number; result?: never; error?: string }) => {
      const current = busy.get(slot);
      if (!current || current.id !== answer.id) return;
      busy.delete(slot);
      worker.unref();
      if (answer.error === undefined) current.waiting.resolve(answer.result as never);
      else current.waiting.reject(new Error(answer.error));
      pump();
    });
    const gone = (error: Error): void => {
      if (threads[slot] !== worker) return;
      threads[slot] = null;
      const current = busy.get(slot);
      busy.delete(slot);
      current?.waiting.reject(error);
      pump();
    };
    worker.on('error', (error) => gone(error as Error));
    worker.on('exit', () => gone(new Error('a vault worker stopped')));
    return worker;
  };

  const pump = (): void => {
    for (let slot = 0; slot < workers && queue.length > 0; slot++) {
      if (busy.has(slot)) continue;
      const waiting = queue.shift();
      if (!waiting) return;
      const worker = threads[slot] ?? start(slot);
      threads[slot] = worker;
      const id = nextId++;
      busy.set(slot, { id, waiting });
      worker.ref();
      worker.postMessage({ id, job: waiting.job }, [...waiting.transfer]);
    }
  };

  return {
    run(job, transfer = []) {
      if (closed) return Promise.reject(new Error('the vault is stopping'));
      return new Promise((resolve, reject) => {
        queue.push({ job, transfer, resolve: resolve as (result: never) => void, reject });
        pump();
      });
    },
    async close() {
      closed = true;
      for (const waiting of queue.splice(0)) waiting.reject(new Error('the vault is stopping'));
      await Promise.all(threads.map((worker) => worker?.terminate()));
    },
  };
}
