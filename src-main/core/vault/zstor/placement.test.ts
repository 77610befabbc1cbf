import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, type Redundancy, randomBelow, shuffle, survives } from './placement.ts';

/** Every way to hand out the shards, one count a group. */
function* all(room: readonly number[], shards: number): Generator<number[]> {
  const [first, ...rest] = room;
  if (first === undefined) {
    if (shards === 0) yield [];
    return;
  }
  for (let n = 0; n <= Math.min(first, shards); n++) for (const others of all(rest, shards - n)) yield [n, ...others];
}

const redundancy: fc.Arbitrary<Redundancy> = fc.record({
  k: fc.integer({ min: 1, max: 6 }),
  parity: fc.nat(6),
  redundantGroups: fc.nat(2),
  redundantNodes: fc.nat(3),
});

describe('placing shards', () => {
  it('finds a layout whenever there is one, and only such as survive', () => {
    let [found, none] = [0, 0];
    fc.assert(
      fc.property(fc.array(fc.nat(6), { maxLength: 5 }), redundancy, fc.nat(), (room, r, seed) => {
        let x = seed;
        const below = (n: number): number => {
          x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
          return x % n;
        };
        const layout = layOut(room, r, below);
        if (!layout) {
          none++;
          for (const counts of all(room, r.k + r.parity)) expect(survives(counts, r)).toBe(false);
          return;
        }
        found++;
        expect(survives(layout, r)).toBe(true);
        expect(layout.reduce((sum, n) => sum + n, 0)).toBe(r.k + r.parity);
        expect(layout.every((n, i) => n <= (room[i] ?? 0))).toBe(true);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(found, none)).toBeGreaterThan(100);
  });

  it('is done with forty groups, too', () => {
    const room = Array.from({ length: 40 }, () => 8);
    const r = { k: 20, parity: 28, redundantGroups: 2, redundantNodes: 1 };
    const layout = layOut(
      room,
      r,
      randomBelow((n) => crypto.getRandomValues(new Uint8Array(n))),
    );
    expect(layout && survives(layout, r)).toBe(true);
  });

  it('survives what it says, lost in the worst way', () => {
    const r = { k: 4, parity: 4, redundantGroups: 1, redundantNodes: 1 };
    expect(survives([2, 2, 2, 2], r)).toBe(false);
    expect(survives([3, 3, 2], r)).toBe(false);
    expect(survives([2, 3, 3], { ...r, k: 3, parity: 5 })).toBe(true);
    expect(survives([8], { ...r, redundantGroups: 0 })).toBe(true);
    expect(survives([8], r)).toBe(false);
  });

  it('is at random', () => {
    const below = randomBelow((n) => crypto.getRandomValues(new Uint8Array(n)));
    const seen = new Set(Array.from({ length: 200 }, () => shuffle([1, 2, 3], below).join()));
    expect(seen.size).toBe(6);
  });
});
