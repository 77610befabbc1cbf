import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { decodeRecord, encodePartsRecord, partCount, wholePrefix } from './record.ts';

const generation = fc.uint8Array({ minLength: 8, maxLength: 8 }).map(toHex);

it('reads what it wrote', () => {
  const record = fc
    .record({
      partLength: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      times: fc.double({ min: 1, max: 4096, noNaN: true }),
      generation,
    })
    .map(({ partLength, times, generation: own }) => ({
      partLength,
      length: Math.min(Math.max(partLength + 1, Math.floor(partLength * times)), partLength * 4096),
      generation: own,
    }));
  fc.assert(
    fc.property(record, (one) => {
      expect(decodeRecord(encodePartsRecord(one))).toEqual({ kind: 'parts', ...one });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(decodeRecord(Uint8Array.of(...wholePrefix, ...bytes))).toEqual({ kind: 'whole', bytes });
    }),
  );
});

it('lies as the format says', () => {
  const bytes = encodePartsRecord({ partLength: 524_288, length: 2_097_248, generation: '0123456789abcdef' });
  expect(toHex(bytes)).toBe('0200000000000800600020000000' + '0000' + '0123456789abcdef');
  expect(partCount({ kind: 'parts', partLength: 524_288, length: 2_097_248, generation: '' })).toBe(5);
});

it('takes any bytes for what they are, or for nothing', () => {
  const valid = fromHex('02000000000008006000200000000000' + '0123456789abcdef') ?? new Uint8Array(24);
  const changed = fc.tuple(fc.nat(23), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => valid.with(at, byte));
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 24, maxLength: 24 }), changed),
      (bytes) => {
        const record = decodeRecord(bytes);
        if (record?.kind === 'parts') expect(encodePartsRecord(record)).toEqual(bytes);
        else if (record) expect(bytes[0]).toBe(1);
      },
    ),
    { numRuns: 1000 },
  );
});
