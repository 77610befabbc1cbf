/** A server that answers is asked again after so long while nobody wants to know. */
const everyMs = 10 * 60_000;
/** One that has just gone may be back soon; each time that it is not, it is asked after twice as long. */
const firstMs = 20_000;
/** So many times in a row it is asked because somebody looks, then once in `refillMs`. */
const burst = 10;
const refillMs = 30_000;

/**
 * When servers are asked how they are. Some take money for each question (an S3 bucket asked every 20 seconds is 130,000 requests a
 * month), and all of them time; what they hold is seen by audits, and a write that fails shows at once.
 */
export function createSeldom(now: () => number) {
  const seen = new Map<string, { at: number; misses: number }>();
  let tokens = burst;
  let filledAt = now();
  return {
    saw(id: string, away: boolean): void {
      seen.set(id, { at: now(), misses: away ? (seen.get(id)?.misses ?? 0) + 1 : 0 });
    },
    /** @param ms nothing is asked again within this time */
    due(id: string, ms: number): boolean {
      const last = seen.get(id);
      if (!last) return true;
      const wait = last.misses === 0 ? everyMs : Math.min(everyMs, firstMs * 2 ** (last.misses - 1));
      // A clock that was set back must not keep the look away for long.
      return Math.abs(now() - last.at) >= Math.max(ms, wait);
    },
    /** Somebody looks: servers are asked now, unless that was so often of late. */
    mayAsk(): boolean {
      const filled = Math.floor(Math.abs(now() - filledAt) / refillMs);
      if (filled > 0) {
        tokens = Math.min(burst, tokens + filled);
        filledAt = now();
      }
      if (tokens === 0) return false;
      tokens--;
      return true;
    },
  };
}
