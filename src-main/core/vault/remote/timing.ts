import type { Host } from '#core/host.ts';
import { Trouble } from './trouble.ts';

/** What remote places take from the host. */
export type Clock = Pick<Host, 'now' | 'setTimer' | 'random'>;

/** Milliseconds before each further try; each is shortened at random by up to half, so that many do not come at once. */
export type Waits = readonly number[];

/** Try again after trouble that passes, a bounded number of times. @throws the last trouble */
export async function again<T>(clock: Clock, waits: Waits, stop: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    if (stop.aborted) throw stop.reason;
    try {
      return await work();
    } catch (error) {
      const wait = waits[tried];
      if (!(error instanceof Trouble) || !error.passing || wait === undefined || stop.aborted) throw error;
      await pauseFor(clock, wait * (0.5 + (clock.random(1)[0] ?? 0) / 512), stop);
    }
  }
}

export function pauseFor(clock: Clock, ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stopped = (): void => {
      cancel();
      reject(stop.reason);
    };
    const cancel = clock.setTimer(ms, () => {
      stop.removeEventListener('abort', stopped);
      resolve();
    });
    stop.addEventListener('abort', stopped, { once: true });
  });
}

/** Far more than the vault asks of one place at once. */
const mostWaiting = 4096;

/** At most `width` pieces of work at a time; the others wait their turn in order. */
export function createGate(width: number) {
  let free = width;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting.length >= mostWaiting) throw new Trouble('silent', 'Too much is asked of this place at once.');
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
