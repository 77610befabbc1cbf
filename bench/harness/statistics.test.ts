import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figureOf, median, summarise, worst } from './statistics.ts';

const seconds = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const some = fc.array(seconds, { minLength: 1, maxLength: 20 });

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([7])).toBe(7);
    expect(() => median([])).toThrow(RangeError);
  });

  it('has as many values below as above, whatever the order', () => {
    fc.assert(
      fc.property(some, (values) => {
        const middle = median(values);
        expect(median(values.toReversed())).toBe(middle);
        expect(values.filter((v) => v < middle).length).toBeLessThanOrEqual(values.length / 2);
        expect(values.filter((v) => v > middle).length).toBeLessThanOrEqual(values.length / 2);
      }),
    );
  });

  it('lies between the extremes', () => {
    fc.assert(
      fc.property(some, (values) => {
        const { min, median: middle, max } = summarise(values);
        expect(min).toBeLessThanOrEqual(middle);
        expect(middle).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe('figureOf', () => {
  const times = { contest: 'mixed', ours: [2, 4, 3], rival: [6, 5, 9] };

  it('is rival over ours when higher is better, and the other way round', () => {
    expect(figureOf(times, 'higher')).toBe(2);
    expect(figureOf(times, 'lower')).toBe(0.5);
  });

  it('is our own median where there is no rival', () => {
    expect(figureOf({ ...times, rival: null }, 'lower')).toBe(3);
  });
});

describe('worst', () => {
  it('is the lowest ratio when higher is better, the highest when lower is', () => {
    const fast = { contest: 'a', ours: [1], rival: [3] };
    const slow = { contest: 'b', ours: [2], rival: [1] };
    expect(worst([fast, slow], 'higher')).toEqual({ times: slow, value: 0.5 });
    expect(worst([slow, fast], 'lower')).toEqual({ times: slow, value: 2 });
    expect(() => worst([], 'lower')).toThrow(RangeError);
  });
});
