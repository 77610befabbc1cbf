import type { Timer } from '../time/timing-wheel.ts';
import { tooManyWaiters } from './failures.ts';
import type { InboxRow, Wanted } from './inbox-store.ts';
import type { Schedule } from './schedule.ts';

export interface WaitOptions {
  /** Leave it where it is. */
  readonly peek?: boolean;
  /** Milliseconds to wait for one when there is none; 0. */
  readonly timeout?: number;
  /** Ends the wait with null. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls that wait for a message to come, and the messages that were given to somebody who may give them back. */
export interface Waiters {
  /** The oldest message that is wanted, or null after the timeout. Unless it is only looked at, it is lent: nobody else gets it. */
  take(wanted: Wanted, options: WaitOptions): Promise<InboxRow | null>;
  /** A message is there that was not before. */
  offer(): void;
  /** It was lent and is free again. */
  giveBack(seq: number): void;
  /** It was lent and is gone. */
  gone(seq: number): void;
  stop(): void;
}

interface Waiter {
  readonly wanted: Wanted;
  readonly peek: boolean;
  settle(row: InboxRow | null): void;
  fail(error: unknown): void;
}

/** So that a wait has an end: a year, which is what the daemon's command line asks for when it means for ever. */
const longestWait = 366 * 24 * 3_600_000;

export function createWaiters(deps: {
  readonly schedule: Schedule;
  readonly most: number;
  readonly first: (wanted: Wanted, except: readonly number[]) => InboxRow | null;
}): Waiters {
  const waiting = new Set<Waiter>();
  const lent = new Set<number>();
  let stopped = false;

  const find = (wanted: Wanted, peek: boolean): InboxRow | null => {
    const row = deps.first(wanted, [...lent]);
    if (row !== null && !peek) lent.add(row.seq);
    return row;
  };

  const offer = (): void => {
    // Whoever waits for one answer before whoever takes anything; then the longest wait first.
    const order = [...waiting].sort(
      (a, b) => Number(b.wanted.answerTo !== undefined) - Number(a.wanted.answerTo !== undefined),
    );
    for (const waiter of order) {
      try {
        const row = find(waiter.wanted, waiter.peek);
        if (row !== null) waiter.settle(row);
      } catch (error) {
        waiter.fail(error);
      }
    }
  };

  return {
    async take(wanted, { peek = false, timeout = 0, signal }) {
      if (stopped || signal?.aborted === true) return null;
      const row = find(wanted, peek);
      if (row !== null || timeout <= 0) return row;
      if (waiting.size >= deps.most) throw tooManyWaiters();
      return new Promise((resolve, reject) => {
        let timer: Timer | null = null;
        const end = (act: () => void): void => {
          timer?.cancel();
          signal?.removeEventListener('abort', onAbort);
          waiting.delete(waiter);
          act();
        };
        const waiter: Waiter = {
          wanted,
          peek,
          settle: (found) => end(() => resolve(found)),
          fail: (error) => end(() => reject(error)),
        };
        const onAbort = (): void => waiter.settle(null);
        signal?.addEventListener('abort', onAbort);
        timer = deps.schedule.at(deps.schedule.now() + Math.min(timeout, longestWait), () => waiter.settle(null));
        waiting.add(waiter);
      });
    },
    offer,
    giveBack(seq) {
      if (lent.delete(seq)) offer();
    },
    gone: (seq) => void lent.delete(seq),
    stop() {
      stopped = true;
      for (const waiter of [...waiting]) waiter.settle(null);
    },
  };
}
