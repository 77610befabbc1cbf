import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/crypto/hash.ts';
import { toHex } from '#core/crypto/ids.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { somebody } from '../testing/somebody.ts';
import { letterMostBytes, readLetter, type ShareLetter, writeLetter } from './letter.ts';

const [ann, ben, eve] = [somebody(1, 'a'), somebody(2, 'b'), somebody(3, 'c')];
const offer: ShareLetter = {
  what: 'offer',
  share: 'AAECAwQFBgcICQoLDA0ODw',
  generation: 3,
  revision: 1,
  key: new Uint8Array(32).fill(9),
  kind: 'folder',
  name: 'Übersicht',
  access: 'write',
  expires: 1_800_000_000_000,
  at: 1_790_000_000_000,
  device: ann.own.device,
  port: 9931,
};
const end: ShareLetter = { what: 'end', share: offer.share, generation: 4, at: 1_790_000_000_001 };
const written = (letter: ShareLetter, from = ann, to = ben): Uint8Array =>
  writeLetter(letter, from.own, to.known, seededRandom(1)) ?? new Uint8Array();
const bytes = written(offer);

describe('a letter about a share', () => {
  it('says what it said, to whom it is for', () => {
    for (const letter of [offer, end]) {
      const sent = written(letter);
      expect(sent.length).toBeLessThan(letterMostBytes);
      expect(readLetter(sent, ann.known, ben.own)).toEqual(letter);
    }
  });

  it('has the bytes that docs/formats/sharing.md gives', () => {
    expect(bytes.length).toBe(4734);
    expect(toHex(sha256(bytes))).toBe('123e6485f707d6af3ea9bc29ac270578488e967e7ab590f77a63caefef18f4db');
  });

  it('is opened by nobody else, and is nobody else’s', () => {
    expect(readLetter(bytes, ann.known, eve.own)).toBeNull();
    expect(readLetter(bytes, eve.known, ben.own)).toBeNull();
    // Who it was for cannot hand it on in its writer's name.
    expect(readLetter(written(offer, ben, eve), ann.known, eve.own)).toBeNull();
    // With the key of somebody else, said to be of Ann.
    const forged = { ...eve, own: { ...eve.own, person: ann.own.person } };
    expect(readLetter(written(offer, forged), ann.known, ben.own)).toBeNull();
    expect(readLetter(written(offer, forged), { ...ann.known, verify: () => true }, ben.own)).toEqual(offer);
  });

  it('is not written to a key that is none', () => {
    expect(writeLetter(offer, ann.own, { ...ben.known, kem: new Uint8Array(5) }, seededRandom(1))).toBeNull();
  });

  it('is nothing when a bit of it is another', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const other = bytes.slice();
        other[at] = (other[at] ?? 0) ^ (1 << bit);
        expect(readLetter(other, ann.known, ben.own)).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('is a value or nothing, whatever bytes come', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 6000 }),
      fc.uint8Array({ maxLength: 300 }).map((tail) => Uint8Array.from([...bytes.subarray(0, 4500), ...tail])),
      fc.nat(bytes.length).map((length) => bytes.subarray(0, length)),
    );
    fc.assert(
      fc.property(any, (some) => {
        if (some.length !== bytes.length) expect(readLetter(some, ann.known, ben.own)).toBeNull();
      }),
      { numRuns: 60 },
    );
    expect(readLetter(new Uint8Array(letterMostBytes + 1), ann.known, ben.own)).toBeNull();
  });
});
