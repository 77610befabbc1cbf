import { Worker } from 'node:worker_threads';
import type { Logger } from '#core/host.ts';
import { openPort, type Remote } from '#core/threads/port.ts';
import { fail } from '#shared/rpc/fail.ts';
import { youngGenerationMb } from './heap.ts';
import type { EngineCalls, EngineEvents } from './protocol.ts';

/** The engine in a thread of its own, as the core's main thread sees it. */
export interface EngineThread {
  readonly call: Remote<EngineCalls>;
  /** Send without waiting for the answer. */
  send(destination: Uint8Array, payload: Uint8Array): void;
  /** End the thread in order, or, where it does not answer in time, at once. */
  close(): Promise<void>;
}

export interface EngineThreadDeps {
  readonly log: Logger;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly events: Omit<EngineEvents, 'log'>;
  /** The thread ended by itself: whatever it held is gone. Not called after `close`. */
  readonly died: (error: Error) => void;
}

const closeMs = 3_000;

export function startEngineThread({ log, setTimer, events, died }: EngineThreadDeps): EngineThread {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  let closing = false;
  const port = openPort<EngineCalls, EngineEvents>(
    worker,
    { ...events, log: (level, fields, message) => log[level](fields, message) },
    (name, error) => log.error({ name, error }, 'what the mesh thread told could not be taken in'),
  );
  const gone = (error: Error): void => {
    port.close(fail('MESH_OFF', 'The mesh node stopped in the meantime.', { next: 'Try again in a moment.' }));
    if (closing) return;
    closing = true;
    died(error);
  };
  worker.on('error', (error) => gone(error as Error));
  worker.on('exit', () => gone(new Error('the mesh thread ended')));
  return {
    call: port.call,
    send: (destination, payload) => port.tell('send', destination, payload),
    async close() {
      if (closing) return;
      closing = true;
      await new Promise<void>((resolve) => {
        const cancel = setTimer(closeMs, resolve);
        port.call
          .stop()
          .catch(() => {})
          .finally(() => {
            cancel();
            resolve();
          });
      });
      await worker.terminate();
    },
  };
}
