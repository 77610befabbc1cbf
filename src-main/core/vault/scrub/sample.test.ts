import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { dailySamples, draw, sampleSize } from './sample.ts';

it('asks for as many blocks a day as find a loss of 1 % with 99 % certainty, and not one more', () => {
  expect(dailySamples).toBe(459);
  expect(0.99 ** dailySamples).toBeLessThanOrEqual(0.01);
  expect(0.99 ** (dailySamples - 1)).toBeGreaterThan(0.01);
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      fc.double({ min: 0.5, max: 0.999, noNaN: true }),
      (share, sure) => {
        const n = sampleSize(share, sure);
        expect((1 - share) ** n).toBeLessThanOrEqual((1 - sure) * (1 + 1e-9));
      },
    ),
  );
});

it('draws blocks in order, each once, none that is not there', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 1, max: 500 }),
      fc.integer(),
      (total, n, seed) => {
        const drawn = draw(total, n, seededRandom(seed));
        expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
        expect(drawn.every((one) => Number.isInteger(one) && one >= 0 && one < total)).toBe(true);
        expect(drawn.length).toBeLessThanOrEqual(Math.min(n, total));
      },
    ),
  );
});

it('finds a place that lost 1 % within a day, counted over 3,000 days of chance', () => {
  const days = 3000;
  const total = 50_000;
  const random = seededRandom(7);
  let found = 0;
  for (let day = 0; day < days; day++) {
    // Lost is every block below 1 % of all: which ones makes no difference to a fair draw.
    const [first] = draw(total, dailySamples, random);
    if ((first ?? total) < total / 100) found++;
  }
  console.log(
    `upkeep, audits: a loss of 1 % found on ${found} of ${days} days (${((100 * found) / days).toFixed(2)} %)`,
  );
  // 99.0 % is expected; five standard deviations of 0.18 % below it would be chance once in millions.
  expect(found / days).toBeGreaterThan(0.981);
});
