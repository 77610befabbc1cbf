import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { createBucket } from './bucket.ts';

const kib = 1024;

/** Let promises that are settled go on. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 5; i++) await Promise.resolve();
};

it('passes what it is asked for, in order, and never more in any second than its rate and one burst', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 32 * kib, max: 8 * 1024 * kib }),
      fc.array(fc.integer({ min: 1, max: 64 * kib }), { minLength: 1, maxLength: 40 }),
      async (rate, sizes) => {
        const host = createFakeHost();
        const bucket = createBucket(host);
        bucket.setRate(rate);
        const passed: { i: number; at: number; bytes: number }[] = [];
        const all = sizes.map((bytes, i) => {
          const note = (): void => void passed.push({ i, at: host.now(), bytes });
          const turn = bucket.take(bytes);
          if (turn === null) note();
          return turn?.then(note);
        });
        const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
        for (let ms = 0; passed.length < sizes.length && ms < (total / rate) * 1000 + 60_000; ms += 10) {
          host.advance(10);
          await settle();
        }
        await Promise.all(all);
        expect(passed.map(({ i }) => i)).toEqual(sizes.map((_, i) => i));
        const burst = Math.max(16 * kib, rate / 10);
        for (const [i, { at }] of passed.entries()) {
          const after = passed.slice(i).filter((one) => one.at - at <= 1000);
          // The last of them may be in debt.
          const sum = after.slice(0, -1).reduce((bytes, one) => bytes + one.bytes, 0);
          expect(sum).toBeLessThanOrEqual(rate * 1.02 + burst + 64 * kib);
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('lets everybody go at once when the bound is lifted, and is moved by no clock that jumps', async () => {
  const host = createFakeHost();
  const bucket = createBucket(host);
  bucket.setRate(32 * kib);
  const turns = Array.from({ length: 10 }, () => bucket.take(32 * kib));
  host.setNow(host.now() - 365 * 86_400_000);
  host.advance(1000);
  host.setNow(host.now() + 2 * 365 * 86_400_000);
  host.advance(1000);
  let gone = 0;
  for (const turn of turns) void turn?.then(() => gone++);
  await settle();
  expect(gone).toBeLessThan(6);
  bucket.setRate(null);
  await Promise.all(turns);
  expect(bucket.take(1e9)).toBeNull();
});
