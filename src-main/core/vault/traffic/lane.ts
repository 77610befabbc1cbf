import type { Host } from '#core/host.ts';
import { createRate } from '#core/tasks/rate.ts';
import { createBucket } from './bucket.ts';

/** Bytes a second that each of several large pieces is to have: below, servers and deadlines take a connection for dead. */
const leastEach = 32 * 1024;
/** Pieces below this pass without waiting for a turn of their own. */
const smallBytes = 256 * 1024;
/** Far more than the vault has under way at once. */
const mostWaiting = 4096;

/** One direction of all traffic: what bounds it, and what it comes to. */
export interface Lane {
  /** Bytes are about to go, or have come: wait for this before the next. Null: go on at once. */
  take(bytes: number): Promise<void> | null;
  /** A bound is in force: pass bytes on in small slices. */
  bounded(): boolean;
  /**
   * Work that moves so many bytes. Under a bound only so many of these run at once that each keeps moving: a slow line that
   * everything is put on together looks dead to each of the servers.
   */
  through<T>(bytes: number, work: () => Promise<T>): Promise<T>;
  /** Bytes a second; null: no bound. */
  setRate(rate: number | null): void;
  /** Milliseconds that so many bytes take at the bound; 0 without one. */
  timeOf(bytes: number): number;
  /** Bytes since the start, and bytes a second over the last seconds. */
  seen(): { readonly total: number; readonly rate: number };
}

export function createLane(host: Pick<Host, 'now' | 'setTimer'>): Lane {
  const bucket = createBucket(host);
  const meter = createRate(host.now());
  let rate: number | null = null;
  let total = 0;
  let running = 0;
  const turns: (() => void)[] = [];
  const width = (): number => (rate === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(rate / leastEach)));
  const next = (): void => {
    while (running < width()) {
      const turn = turns.shift();
      if (turn === undefined) return;
      running++;
      turn();
    }
  };
  return {
    take(bytes) {
      total += bytes;
      meter.sample(host.now(), total);
      return bucket.take(bytes);
    },
    bounded: () => rate !== null,
    async through(bytes, work) {
      if (rate === null || bytes < smallBytes) return work();
      if (turns.length >= mostWaiting) throw new Error('too much waits for its turn on the line');
      await new Promise<void>((turn) => {
        turns.push(turn);
        next();
      });
      try {
        return await work();
      } finally {
        running--;
        next();
      }
    },
    setRate(given) {
      rate = given;
      bucket.setRate(given);
      next();
    },
    timeOf: (bytes) => (rate === null ? 0 : (bytes * 1000) / rate),
    seen: () => ({ total, rate: Math.max(0, Math.round(meter.sample(host.now(), total) ?? 0)) }),
  };
}
