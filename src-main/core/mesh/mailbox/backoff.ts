const first = 5_000;
const longest = 600_000;

/**
 * Milliseconds before the next attempt after so many failures in a row: 5 s, 10 s and so on up to ten minutes, each time a
 * random share between half and all of it, so that what failed together does not come back together.
 */
export function backoff(failures: number, random: (n: number) => Uint8Array): number {
  const full = Math.min(longest, first * 2 ** Math.min(Math.max(0, failures - 1), 10));
  const [a = 0, b = 0] = random(2);
  return full / 2 + ((a * 256 + b) / 65_536) * (full / 2);
}
