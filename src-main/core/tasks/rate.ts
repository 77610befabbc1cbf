/** Only the last few seconds count, so that a stall shows. */
const windowMs = 5_000;

/** A rate over a sliding window: feed it (milliseconds, amount done so far), get amount per second or null when too early. */
export function createRate(startedAt: number): { sample(now: number, done: number): number | null } {
  const samples: { at: number; done: number }[] = [{ at: startedAt, done: 0 }];
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
