/** A bucket of tokens that fills with time. */
export interface Rate {
  /** @returns false when there is none left */
  take(now: number): boolean;
}

/** @param perSecond how fast it fills @param burst how much it holds; full at first */
export function createRate(now: number, perSecond: number, burst: number): Rate {
  let tokens = burst;
  let at = now;
  return {
    take(time) {
      tokens = Math.min(burst, tokens + (Math.max(0, time - at) / 1000) * perSecond);
      at = time;
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
  };
}
