import { expect, it } from 'vitest';
import { toHex } from './encoding.ts';
import { systemRandom } from './random.ts';

it('gives as many bytes as asked for, each once', () => {
  for (const n of [0, 1, 12, 16, 32, 33, 64, 5000]) expect(systemRandom(n)).toHaveLength(n);
  // More than two blocks of it, in lengths that end at, before and after a block's end.
  const seen = new Set(Array.from({ length: 1500 }, (_, i) => toHex(systemRandom(12 + (i % 21)).subarray(0, 12))));
  expect(seen.size).toBe(1500);
  expect(seen.has('00'.repeat(12))).toBe(false);
});

it('answers with bytes that own their memory', () => {
  const bytes = systemRandom(16);
  expect(bytes.buffer.byteLength).toBe(16);
});
