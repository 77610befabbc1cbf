import { performance } from 'node:perf_hooks';

/** Time as it is, for whatever takes clock and timers as parameters. */
export const realTime = {
  /** Milliseconds on a clock that never goes back. */
  clock: (): number => performance.now(),
  /** @returns what calls it off */
  setTimer(ms: number, fire: () => void): () => void {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};
