import { expect, it } from 'vitest';
import { createRate } from './rate.ts';

it('gives amount per second over the last seconds, and shows a stall', () => {
  const rate = createRate(0);
  expect(rate.sample(100, 10)).toBeNull();
  let value: number | null = null;
  for (let t = 250; t <= 4_000; t += 250) value = rate.sample(t, t * 2);
  expect(value).toBeCloseTo(2_000, 5);
  for (let t = 4_250; t <= 12_000; t += 250) value = rate.sample(t, 8_000);
  expect(value).toBe(0);
});

it('begins anew where the clock was set back', () => {
  const rate = createRate(10_000);
  rate.sample(12_000, 4_000);
  expect(rate.sample(5_000, 4_000)).toBeNull();
  expect(rate.sample(6_000, 6_000)).toBe(2_000);
});
