import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blake3, createBlake3 } from './blake3.ts';
import { toHex } from './encoding.ts';

// BLAKE3 team, test_vectors/test_vectors.json: the input is 0, 1, 2, ... 250, 0, 1, ... of the length given; first 32 bytes of `hash`.
const published = [
  [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
  [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
  [1025, 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444'],
] as const;

describe('BLAKE3', () => {
  it.each(published)('agrees with the published vector of %i bytes', (length, hash) => {
    expect(toHex(blake3(Uint8Array.from({ length }, (_, i) => i % 251)))).toBe(hash);
  });

  it('answers the same however the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 6 }), (parts) => {
        const hash = createBlake3();
        for (const part of parts) hash.update(part);
        expect(hash.digest()).toEqual(blake3(Uint8Array.from(parts.flatMap((part) => [...part]))));
      }),
    );
  });
});
