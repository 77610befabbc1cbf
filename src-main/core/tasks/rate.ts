/** Only the last few seconds count, so that a stall shows. */
const usualWindowMs = 5_000;

/**
 * A rate over a sliding window: feed it (milliseconds, amount done so far), get amount per second or null when too early.
 *
 * @param done before it starts
 * @param windowMs longer for what comes in large pieces, of which few fall in a few seconds
 */
export function createRate(
  startedAt: number,
  done = 0,
  windowMs = usualWindowMs,
): {
  sample(now: number, done: number): number | null;
} {
  const samples: { at: number; done: number }[] = [{ at: startedAt, done }];
  return {
    sample(now, done) {
      const newest = samples.at(-1);
      // A clock that was set back: what came before it says nothing any more.
      if (newest !== undefined && now < newest.at) samples.splice(0, samples.length, { at: now, done });
      // Four samples a second are enough for a smooth figure.
      if (newest === undefined || now - newest.at >= 250) samples.push({ at: now, done });
      while (samples.length > 2 && now - (samples[1]?.at ?? now) > windowMs) samples.shift();
      const oldest = samples[0];
      if (oldest === undefined || now - oldest.at < 500) return null;
      return ((done - oldest.done) * 1000) / (now - oldest.at);
    },
  };
}
