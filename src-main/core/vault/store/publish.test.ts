import { describe, expect, it } from 'vitest';
import { type CatalogueRecord, decodeCatalogue, encodeCatalogue } from '../format/catalogue.ts';
import { inParts, packParts } from './publish.ts';

const records = (count: number): CatalogueRecord[] =>
  Array.from({ length: count }, (_, i) => ['item', `item-${i}`, new Uint8Array(100_000).fill(i)]);

describe('packParts', () => {
  // About ten records of this size are one part.
  it.each([
    [0, 1, 1],
    [5, 1, 1],
    [100, 10, 1],
    [400, 40, 2],
  ])('of %i records makes about %i parts, and reads them %i times', (count, about, times) => {
    let reads = 0;
    const { parts, bodies } = packParts(() => {
      reads++;
      return inParts(records(count));
    });
    const made = [...bodies];
    expect(made).toHaveLength(parts);
    expect(Math.abs(parts - about)).toBeLessThanOrEqual(about / 5);
    const ids = (list: readonly CatalogueRecord[]) => list.map((record) => record[1]);
    expect(made.flatMap((body) => ids(decodeCatalogue(encodeCatalogue(body))?.records ?? []))).toEqual(
      ids(records(count)),
    );
    expect(reads).toBe(times);
  });
});
