const windowMs = 5_000;

/** A speed that is measured, not guessed: what went through in the last five seconds. */
export function createSpeed() {
  const samples: { at: number; amount: number }[] = [];
  let first: number | null = null;
  const drop = (now: number) => {
    while (samples[0] !== undefined && samples[0].at < now - windowMs) samples.shift();
  };
  return {
    add(at: number, amount: number): void {
      first ??= at;
      samples.push({ at, amount });
      drop(at);
    },
    /** Units a second; null before a second has been watched. */
    at(now: number): number | null {
      drop(now);
      if (first === null || now - first < 1_000) return null;
      const amount = samples.reduce((sum, sample) => sum + sample.amount, 0);
      return (amount * 1_000) / Math.min(windowMs, now - first);
    },
  };
}
