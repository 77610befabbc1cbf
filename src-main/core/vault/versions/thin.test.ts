import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy, type Taken, thinned } from './thin.ts';

const hour = 3_600_000;
const day = 24 * hour;
const from = Date.UTC(2026, 0, 5);
const series = (count: number, step: number, automatic = true): Taken[] =>
  Array.from({ length: count }, (_, i) => ({ number: i + 1, at: from + i * step, automatic }));
const kept = (all: readonly Taken[], policy = defaultPolicy): Taken[] => {
  const goes = new Set(thinned(all, policy));
  return all.filter(({ number }) => !goes.has(number));
};

describe('thinning', () => {
  it('keeps the last of each hour, day, week and month, as many as the policy says', () => {
    const left = kept(series(24 * 400, hour));
    const ages = left.map(({ at }) => (from + (24 * 400 - 1) * hour - at) / day);
    expect(ages.filter((age) => age < 1)).toHaveLength(24);
    // Days overlap with the hours of the first, weeks with the days, months with the weeks.
    expect(ages.filter((age) => age >= 1 && age < 30).length).toBeLessThanOrEqual(30);
    expect(left.length).toBeLessThan(24 + 30 + 26 + 14);
    expect(Math.max(...ages)).toBeGreaterThan(360);
  });

  it('never lets go of what a person took, nor of the newest', () => {
    const none = { every: 60, hours: 0, days: 0, weeks: 0, months: 0 };
    expect(kept(series(10, hour, false), none)).toHaveLength(10);
    expect(kept(series(10, hour), none).map(({ number }) => number)).toEqual([10]);
    expect(thinned([], defaultPolicy)).toEqual([]);
  });

  it('counts snapshots and not days: after a long time away the days before it are there', () => {
    const before = series(10, day);
    const later = { number: 11, at: from + 1000 * day, automatic: true };
    expect(kept([...before, later], { ...defaultPolicy, hours: 0, weeks: 0, months: 0, days: 5 })).toHaveLength(5);
  });

  it('whatever the clocks said: a second thinning changes nothing, and it does so in the order they were taken', () => {
    const any = fc.array(fc.record({ at: fc.nat(8.64e15), automatic: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(any, (list) => {
        const all = list.map((one, i) => ({ number: i + 1, ...one }));
        const left = kept(all);
        expect(kept(left)).toEqual(left);
        const newest = all.findLast(({ automatic }) => automatic);
        if (newest) expect(left).toContainEqual(newest);
      }),
    );
  });
});
