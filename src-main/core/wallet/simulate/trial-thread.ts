import { Worker } from 'node:worker_threads';
import type { Host } from '#core/host.ts';
import { openPort, type PortEnd } from '#core/threads/port.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Ask, Job, Result, SimulateAsks, SimulateCalls } from './protocol.ts';

/** Kept so long after the last trial: a person who looks at one call soon looks at the next, and to start it takes a second. */
const restMs = 60_000;
const heapMb = 256;

export interface TrialThread {
  /** One at a time. What is aborted ends the thread with all that it burnt or held. */
  run(job: Job, ask: Ask, signal: AbortSignal): Promise<Result>;
  close(): Promise<void>;
}

interface Running {
  readonly worker: Worker;
  readonly port: PortEnd<SimulateCalls>;
}

export function createThread(host: Pick<Host, 'setTimer'>): TrialThread {
  let running: Running | null = null;
  let asking: Ask | null = null;
  let cancelRest = (): void => {};

  const end = async (why: Error): Promise<void> => {
    cancelRest();
    const ended = running;
    running = null;
    ended?.port.close(why);
    await ended?.worker.terminate();
  };

  function start(): Running {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    // It holds nothing that must be saved: it keeps no process alive.
    worker.unref();
    const ask: Ask = (method, params) =>
      asking === null ? Promise.reject(fail('CANCELLED', 'Nobody waits for it.')) : asking(method, params);
    const port = openPort<SimulateCalls, SimulateAsks>(worker, { ask }, () => {});
    const one = { worker, port };
    const gone = (error: Error) => {
      port.close(error);
      if (running === one) running = null;
    };
    worker.on('error', (error) => gone(error as Error));
    worker.on('exit', () => gone(new Error('the thread ended')));
    return one;
  }

  return {
    async run(job, ask, signal) {
      cancelRest();
      running ??= start();
      asking = ask;
      const aborted = () => void end(signal.reason as Error);
      signal.addEventListener('abort', aborted, { once: true });
      try {
        if (signal.aborted) aborted();
        return await (running?.port.call.run(job) ?? Promise.reject(signal.reason));
      } finally {
        signal.removeEventListener('abort', aborted);
        asking = null;
        cancelRest = host.setTimer(restMs, () => void end(new Error('at rest')));
      }
    },
    close: () => end(fail('CANCELLED', 'Hypha stops.')),
  };
}
