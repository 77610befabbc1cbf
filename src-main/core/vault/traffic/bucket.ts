import type { Host } from '#core/host.ts';

/** So much may pass at once after a rest, in time of the rate: more would be a burst that others on the line feel. */
const burstMs = 100;
const leastBurst = 16 * 1024;
/** However long nothing passed, or whatever the clock did meanwhile, no more time than this is made up for. */
const mostCatchUpMs = 1000;
const longestWaitMs = 500;

export interface Bucket {
  /** Bytes a second; null: no bound. Who waits goes on by the new rate. */
  setRate(rate: number | null): void;
  /**
   * Let so many bytes pass, in the order of asking. Null: at once. However many they are, they pass together when it is their turn,
   * and those after them wait for as long as these take.
   */
  take(bytes: number): Promise<void> | null;
}

/**
 * A token bucket (ITU-T I.371, "generic cell rate algorithm", in its form with debt). Each stream asks for one piece at a time, so as many wait as
 * there are streams.
 */
export function createBucket({ now, setTimer }: Pick<Host, 'now' | 'setTimer'>): Bucket {
  let rate: number | null = null;
  /** Bytes that may pass now; below 0 what passed ahead of its time. */
  let balance = 0;
  let filledAt = now();
  let cancel: (() => void) | null = null;
  const waiting: { readonly bytes: number; readonly go: () => void }[] = [];

  const fill = (): void => {
    const at = now();
    const passed = Math.min(mostCatchUpMs, Math.max(0, at - filledAt));
    filledAt = at;
    if (rate === null) return;
    balance = Math.min(Math.max(leastBurst, (rate * burstMs) / 1000), balance + (rate * passed) / 1000);
  };

  const pump = (): void => {
    cancel?.();
    cancel = null;
    fill();
    while (waiting.length > 0 && (rate === null || balance > 0)) {
      const next = waiting.shift();
      if (next === undefined) break;
      if (rate !== null) balance -= next.bytes;
      next.go();
    }
    if (waiting.length === 0 || rate === null) return;
    const wait = Math.ceil(((1 - balance) * 1000) / rate);
    cancel = setTimer(Math.min(longestWaitMs, Math.max(1, wait)), pump);
  };

  return {
    setRate(next) {
      fill();
      // What was owed under another rate is no debt of this one.
      balance = next === null || rate === null ? 0 : Math.max(balance, -next);
      rate = next;
      pump();
    },
    take(bytes) {
      if (rate === null) return null;
      fill();
      if (waiting.length === 0 && balance > 0) {
        balance -= bytes;
        return null;
      }
      return new Promise((go) => {
        waiting.push({ bytes, go });
        if (cancel === null) pump();
      });
    },
  };
}
