import type { Worker } from 'node:worker_threads';
import type { Logger } from '#core/host.ts';
import { openPort, type PortEnd } from './port.ts';

// biome-ignore lint/suspicious/noExplicitAny: functions of every shape; each is typed where it is declared
type Functions = Record<string, (...args: any[]) => unknown>;

export interface TendedDeps {
  /** What runs in it, for the log: "the storage server". */
  readonly what: string;
  readonly log: Logger;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** It ended by itself. Not called after `close`, nor while it opens. */
  readonly died: (error: Error) => void;
  /** How long `close` waits for it to end in order. */
  readonly closeMs: number;
}

/** A thread that opens something, works, and is closed in order; or dies, and whoever waits for it is told. */
export interface Tended<Calls extends Functions> extends Pick<PortEnd<Calls>, 'call'> {
  /** What it opens with; the thread is ended where that fails. */
  opened<T>(opening: Promise<T>): Promise<T>;
  /** End it in order, or, where it does not answer in time, at once. */
  close(stop: () => Promise<unknown>): Promise<void>;
}

export function tendThread<Calls extends Functions, Events extends Functions>(
  worker: Worker,
  events: Events,
  { what, log, setTimer, died, closeMs }: TendedDeps,
): Tended<Calls> {
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const port = openPort<Calls, Events>(worker, events, (name, error) =>
    log.error({ name, error: String(error) }, `what ${what} told could not be taken in`),
  );
  let opening = true;
  let over = false;
  const gone = (error: Error): void => {
    port.close(error);
    if (over) return;
    over = true;
    if (!opening) died(error);
  };
  worker.on('error', (error) => gone(error as Error));
  worker.on('exit', () => gone(new Error(`the thread of ${what} ended`)));
  return {
    call: port.call,
    async opened(work) {
      try {
        return await work;
      } catch (error) {
        over = true;
        await worker.terminate();
        throw error;
      } finally {
        opening = false;
      }
    },
    async close(stop) {
      if (!over) {
        over = true;
        await new Promise<void>((resolve) => {
          const cancel = setTimer(closeMs, resolve);
          const done = (): void => {
            cancel();
            resolve();
          };
          stop()
            .catch((error: unknown) => log.warn({ error: String(error) }, `${what} did not stop in order`))
            .finally(done);
        });
        await worker.terminate();
      }
      await exited;
    },
  };
}
