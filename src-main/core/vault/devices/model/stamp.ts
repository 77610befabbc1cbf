/**
 * A hybrid logical clock (Kulkarni, Demirbas et al., "Logical Physical Clocks", 2014): the wall clock where that has gone on, and a
 * count above what was last seen where it has not. What is written after something was seen has the greater stamp, whatever the
 * clocks of the two devices say; so a clock that is wrong by a year decides between writes that knew nothing of each other, and
 * never against one that came later.
 */
export interface Stamp {
  /** Milliseconds since 1970, by some clock. */
  readonly ms: number;
  readonly count: number;
}

/** The last millisecond that a Date knows. */
export const mostMs = 8_640_000_000_000_000;
export const mostCount = 0xffff_ffff;

export const noStamp: Stamp = { ms: 0, count: 0 };

export const compareStamps = (a: Stamp, b: Stamp): number => a.ms - b.ms || a.count - b.count;
export const laterStamp = (a: Stamp, b: Stamp): Stamp => (compareStamps(a, b) >= 0 ? a : b);

/** The stamp of a write made now, after all up to `last` was seen. */
export function nextStamp(last: Stamp, now: number): Stamp {
  const ms = Math.min(mostMs, Math.max(0, Math.floor(now)));
  if (ms > last.ms) return { ms, count: 0 };
  if (last.count < mostCount) return { ms: last.ms, count: last.count + 1 };
  // 2^32 writes behind a clock that stands: the count carries over.
  return { ms: last.ms + 1, count: 0 };
}
