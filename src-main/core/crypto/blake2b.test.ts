import { blake2b as noble } from '@noble/hashes/blake2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blake2b128, createBlake2b128 } from './blake2b.ts';
import { utf8 } from './bytes.ts';
import { toHex } from './encoding.ts';

describe('BLAKE2b with 16 bytes', () => {
  // `b2sum -l 128` of GNU coreutils.
  it.each([
    ['', 'cae66941d9efbd404e4d88758ea67670'],
    ['/data/f', 'edd99b95760b71eb04a6beadc0eccb6d'],
    ['data/f', 'a212b752d84abb4d9c8ca5d48477ebbd'],
    ['127.0.0.1:9900ns1pw', '15d1d8019c2229fa045d68af223a0e4f'],
  ])('of %j', async (text, digest) => {
    expect(toHex(await blake2b128(utf8(text)))).toBe(digest);
  });

  it('is what another implementation makes of it, in whatever pieces it comes, one message after the other', async () => {
    const hash = await createBlake2b128();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (pieces) => {
        for (const piece of pieces) hash.update(piece);
        expect(toHex(hash.digest())).toBe(toHex(noble(Buffer.concat(pieces), { dkLen: 16 })));
      }),
    );
  });
});
