import { ByteReader, type ByteWriter, Damaged } from './varint.ts';

/**
 * Where a term stands in a segment. Postings: for each passage that has it, ascending, varint (passage - the one before - 1; the first: the
 * passage itself), varint how often (>= 1). Positions, in a stream of their own since only phrases need them: for each of these as many
 * varints, each the distance to the one before within the passage (the first: from its beginning), in terms.
 */
export interface Postings {
  readonly passages: Uint32Array;
  /** How often, by passage. */
  readonly counts: Uint32Array;
}

export function encodePostings(out: ByteWriter, passages: ArrayLike<number>, counts: ArrayLike<number>): void {
  let before = -1;
  for (let i = 0; i < passages.length; i++) {
    const passage = passages[i] as number;
    out.varint(passage - before - 1);
    out.varint(counts[i] as number);
    before = passage;
  }
}

/** @throws Damaged when these are not `df` postings of a segment with so many passages */
export function decodePostings(bytes: Uint8Array, df: number, passageCount: number): Postings {
  if (df > passageCount || df * 2 > bytes.length) throw new Damaged('more postings than passages');
  const passages = new Uint32Array(df);
  const counts = new Uint32Array(df);
  let at = 0;
  let passage = -1;
  const { length } = bytes;
  for (let i = 0; i < df; i++) {
    // Read where it stands: this is what every search spends its time with.
    let delta = bytes[at++] ?? 255;
    if (delta >= 0x80) {
      const reader = new ByteReader(bytes, at - 1);
      delta = reader.varintTo(passageCount);
      at = reader.at;
    }
    let count = bytes[at++] ?? 255;
    if (count >= 0x80) {
      const reader = new ByteReader(bytes, at - 1);
      count = reader.varintTo(0xffff);
      at = reader.at;
    }
    passage += delta + 1;
    if (passage >= passageCount || count === 0) throw new Damaged('a posting of no passage');
    passages[i] = passage;
    counts[i] = count;
  }
  if (at !== length) throw new Damaged('more than the postings');
  return { passages, counts };
}

/**
 * Add how often each passage has a term to `counts` (by passage): for the many words of one beginning, of which nothing else is kept.
 *
 * @returns passages that had none before
 * @throws Damaged as {@link decodePostings}; `counts` is of no use then
 */
export function addPostings(bytes: Uint8Array, df: number, counts: Uint32Array): number {
  if (df * 2 > bytes.length) throw new Damaged('more postings than bytes');
  const reader = new ByteReader(bytes);
  let passage = -1;
  let found = 0;
  for (let i = 0; i < df; i++) {
    passage += reader.varintTo(counts.length) + 1;
    const count = reader.varintTo(0xffff);
    if (passage >= counts.length || count === 0) throw new Damaged('a posting of no passage');
    if (counts[passage] === 0) found++;
    counts[passage] = (counts[passage] as number) + count;
  }
  if (reader.left !== 0) throw new Damaged('more than the postings');
  return found;
}

/** `positions`: of all passages one after the other, each ascending from its passage's beginning. */
export function encodePositions(out: ByteWriter, counts: ArrayLike<number>, positions: ArrayLike<number>): void {
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    let before = 0;
    for (let n = counts[i] as number; n > 0; n--) {
      const position = positions[at++] as number;
      out.varint(position - before);
      before = position;
    }
  }
}

/** @returns for every occurrence its position from the beginning of its passage. @throws Damaged */
export function decodePositions(bytes: Uint8Array, counts: Uint32Array): Uint32Array {
  let total = 0;
  for (const count of counts) total += count;
  if (total > bytes.length) throw new Damaged('positions are cut off');
  const positions = new Uint32Array(total);
  let from = 0;
  let at = 0;
  for (let i = 0; i < counts.length; i++) {
    let before = 0;
    for (let n = counts[i] as number; n > 0; n--) {
      let delta = bytes[from++] ?? 255;
      if (delta >= 0x80) {
        const reader = new ByteReader(bytes, from - 1);
        delta = reader.varintTo(0xffff);
        from = reader.at;
      }
      before += delta;
      positions[at++] = before;
    }
  }
  if (from !== bytes.length) throw new Damaged('more than the positions');
  return positions;
}
