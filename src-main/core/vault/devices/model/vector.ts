import type { Author, Context, DeviceRecord } from './records.ts';

/**
 * How much a device knows: of each author, up to which number all writes are in what it holds, or were superseded by what it
 * holds. Never more than the truth: a hole is not in it.
 */
export type Vector = ReadonlyMap<Author, number>;

export const isKnown = (vector: Vector, { author, seq }: Pick<DeviceRecord, 'author' | 'seq'>): boolean =>
  (vector.get(author) ?? 0) >= seq;

/** `a` knows all that `b` does. */
export function covers(a: Vector, b: Vector): boolean {
  for (const [author, seq] of b) if ((a.get(author) ?? 0) < seq) return false;
  return true;
}

/** @returns whether anything was new */
export function joinVector(into: Map<Author, number>, other: Vector): boolean {
  let grew = false;
  for (const [author, seq] of other) {
    if ((into.get(author) ?? 0) >= seq) continue;
    into.set(author, seq);
    grew = true;
  }
  return grew;
}

export const asContext = (vector: Vector): Context => [...vector].sort(([a], [b]) => (a < b ? -1 : 1));
