import fc from 'fast-check';
import snappy from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { fromHex, toHex } from '#core/crypto/ids.ts';
import { noise } from '../testing/harness.ts';
import { crc32c } from './crc32c.ts';
import { readSnappyBlock } from './snappy-block.ts';
import { createSnappyFramer, createSnappyUnframer, NotSnappy } from './snappy-frame.ts';

const unhex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0);
const frames = (...pieces: Uint8Array[]): Uint8Array => {
  const framer = createSnappyFramer();
  return concatBytes(...pieces.map((piece) => framer.update(piece)), framer.end());
};
const unframe = (bytes: Uint8Array, step = bytes.length): Uint8Array => {
  const unframer = createSnappyUnframer();
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += step) out.push(...unframer.update(bytes.subarray(at, at + step)));
  unframer.end();
  return concatBytes(...out);
};
/** Text that shrinks, bytes that do not, and both after one another. */
const mixed = fc
  .array(fc.tuple(fc.nat(70_000), fc.boolean(), fc.nat()), { maxLength: 4 })
  .map((parts) =>
    concatBytes(
      ...parts.map(([n, plain, seed]) =>
        plain ? new Uint8Array(n).map((_, i) => i % ((seed % 250) + 1)) : noise(n, seed),
      ),
    ),
  );

describe('CRC-32C', () => {
  // RFC 3720 B.4; the first is the check value of the catalogue of CRCs.
  it.each([
    ['313233343536373839', 0xe3069283],
    ['00'.repeat(32), 0x8a9136aa],
    ['ff'.repeat(32), 0x62a8ab43],
    ['', 0],
  ])('of %s', (hex, sum) => {
    expect(crc32c(unhex(hex))).toBe(sum);
  });
});

describe('a block of Snappy', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(mixed, (plain) => {
        expect(Buffer.from(readSnappyBlock(snappy.compress(plain), plain.length) ?? []).equals(plain)).toBe(true);
        if (plain.length > 0) expect(readSnappyBlock(snappy.compress(plain), plain.length - 1)).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('may copy what the copy itself writes', () => {
    expect(toHex(readSnappyBlock(unhex('640061fe01008a0100'), 100) ?? new Uint8Array(0))).toBe('61'.repeat(100));
  });

  it('is refused when it is none, and never holds anybody up', () => {
    // The literal of -4 bytes on which snappyjs 0.7 goes round for ever.
    expect(readSnappyBlock(unhex('08fcfbffffff'), 65_536)).toBeNull();
    expect(readSnappyBlock(unhex('ffffffff7f'), 65_536)).toBeNull();
    expect(readSnappyBlock(new Uint8Array(0), 65_536)).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        const plain = readSnappyBlock(any, 1000);
        if (plain) expect(plain.length).toBeLessThanOrEqual(1000);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('frames of Snappy', () => {
  // Written by the snap crate 1.1.0.
  const hello = 'ff060000734e61507059010f0000007ed86d68656c6c6f20776f726c64';
  const hundred = 'ff060000734e61507059000d00001fa8b5fd640061fe01008a0100';
  const stored =
    'ff060000734e61507059014400003c79ccbd009e3cda7817b553f18f2ecc6a08a745e3811fbe5cfa9836d57311af4eec8a28c66503a13fde7c1ab856f59331cf6d0caa48e68523c15ffd9c3ad87615b351ef';

  it('are those of the snap crate', () => {
    expect(toHex(frames(utf8('hello world')))).toBe(hello);
    expect(toHex(frames(utf8('a'.repeat(100))))).toBe(hundred);
    expect(frames()).toEqual(new Uint8Array(0));
    expect(frames(new Uint8Array(0))).toEqual(new Uint8Array(0));
    expect(toHex(frames(unhex(stored).subarray(18)))).toBe(stored);
    expect(Buffer.from(unframe(unhex(hello))).toString()).toBe('hello world');
    expect(Buffer.from(unframe(unhex(hundred))).toString()).toBe('a'.repeat(100));
    expect(unframe(unhex(stored))).toEqual(unhex(stored).slice(18));
    expect(unframe(new Uint8Array(0))).toEqual(new Uint8Array(0));
  });

  it('are read as they were written, in whatever pieces they come', () => {
    fc.assert(
      fc.property(mixed, fc.nat(), fc.integer({ min: 1, max: 200_000 }), (plain, split, step) => {
        const at = split % (plain.length + 1);
        const framed = frames(plain.subarray(0, at), plain.subarray(at));
        expect(Buffer.from(framed).equals(frames(plain))).toBe(true);
        expect(Buffer.from(unframe(framed, step)).equals(plain)).toBe(true);
        // Never more than the frames around what could not be made smaller.
        expect(framed.length).toBeLessThanOrEqual(10 + plain.length + 8 * Math.ceil(plain.length / 65_536));
      }),
      { numRuns: 40 },
    );
  });

  it('may have chunks to be skipped, and streams one after the other', () => {
    const padding = 'fe04000000000000';
    const other = '80020000ffff';
    const text = unframe(unhex(hello + padding + other + hello), 3);
    expect(Buffer.from(text).toString()).toBe('hello worldhello world');
  });

  it.each([
    ['no stream identifier', hello.slice(20)],
    ['another identifier', `ff060000734e61507058${hello.slice(20)}`],
    ['a chunk that may not be skipped', `${hello}0201000000`],
    ['another checksum', hello.replace('007ed86d', '017ed86d')],
    ['another byte', hello.replace('68656c', '68656d')],
    ['a cut', hello.slice(0, -2)],
    ['a cut within what is skipped', `${hello}80ff0000ee`],
    ['more than a block', `ff060000734e615070590105000100000000${'00'.repeat(65_537)}`],
  ])('are refused: %s', (_, hex) => {
    expect(() => unframe(unhex(hex))).toThrow(NotSnappy);
  });

  it('of any bytes are plain bytes or an error', () => {
    const begin = unhex(hello).subarray(0, 10);
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.uint8Array({ maxLength: 100 }),
        fc.integer({ min: 1, max: 50 }),
        (good, any, step) => {
          try {
            unframe(good ? concatBytes(begin, any) : any, step);
          } catch (error) {
            expect(error).toBeInstanceOf(NotSnappy);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
