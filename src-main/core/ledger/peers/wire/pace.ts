import type { Host } from '#core/host.ts';

/** Of the time, so much may go into one contact's questions; what was not used before adds up to a burst. */
const part = 0.5;
const burstMs = 5_000;

/** Keeps whoever asks much from taking all the time of the ledger: after what took long, the next question waits. */
export function createPace({ now, setTimer }: Pick<Host, 'now' | 'setTimer'>) {
  let left = burstMs;
  let looked = now();
  const refill = (): void => {
    const at = now();
    left = Math.min(burstMs, left + Math.max(0, at - looked) * part);
    looked = at;
  };
  return {
    /** Resolves when it is this contact's turn. */
    turn(): Promise<void> {
      refill();
      if (left >= 0) return Promise.resolve();
      return new Promise((resolve) => void setTimer(-left / part, resolve));
    },
    /** Something took so long. */
    took(ms: number): void {
      refill();
      left -= Math.max(0, ms);
    },
  };
}

export type Pace = ReturnType<typeof createPace>;
