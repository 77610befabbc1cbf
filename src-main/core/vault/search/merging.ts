import type { KnownSegment } from './known.ts';

/** Segments of about one size that are merged together. */
const width = 4;
/** At most so many at once: their blocks and numbers are in memory meanwhile. */
const most = 16;
/** The smallest size that counts. */
const leastSize = 4096;

/** What a segment weighs: its words, and the files it only has entries of. */
const sizeOf = ({ terms, items }: KnownSegment): number => terms + items * 16;
const levelOf = (segment: KnownSegment): number =>
  Math.floor(Math.log(Math.max(leastSize, sizeOf(segment)) / leastSize) / Math.log(width));

/**
 * Which segments to merge now: four of about one size become one of the next, so that a word is looked up in few places and each word is
 * written anew only a few times in its life; one of which a quarter is of no use any more is written anew by itself.
 *
 * @returns null when all is well as it is
 */
export function dueMerge(segments: Iterable<KnownSegment>): readonly string[] | null {
  const levels = new Map<number, KnownSegment[]>();
  let stale: KnownSegment | null = null;
  for (const segment of segments) {
    const level = levelOf(segment);
    const same = levels.get(level);
    if (same) same.push(segment);
    else levels.set(level, [segment]);
    if ((segment.docs - segment.live) * 4 >= segment.docs && segment.live < segment.docs) stale ??= segment;
  }
  for (const [, same] of [...levels].sort(([a], [b]) => a - b)) {
    if (same.length < width) continue;
    return same
      .toSorted((a, b) => a.sequence - b.sequence)
      .slice(0, most)
      .map(({ id }) => id);
  }
  return stale ? [stale.id] : null;
}
