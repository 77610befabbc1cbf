import { describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { fromHex, toHex } from '#core/crypto/ids.ts';
import { disperse, gather } from './meta-store.ts';
import { decodeMetaData } from './metadata.ts';
import { metaHex, metaValue, vectorKey } from './testing/vectors.ts';

const nonce = new Uint8Array(12).fill(0x24);
const same = (value: Uint8Array): string => Buffer.from(value).toString();

describe('a value in the 0-dbs of the metadata', () => {
  it('is stored as zstor stores it', async () => {
    // BLAKE2b by b2sum, AES-GCM by OpenSSL, parity by the crate that zstor uses.
    expect((await disperse(vectorKey, nonce, utf8('hello'))).map(toHex)).toEqual([
      '002424242424242424242424246e94d5a388aabbc6c84db9bb6974dbfdaeaa76056d',
      '011914ad967f8f119453f965eca25357c401941c1d58cf760cffda9be0465605351a',
      '025e442b5d926f4e59ca83a6a9eb07cc6d873702e5f01f0e3c65d69eb3dadc859c81',
      '036374a2efc9c47be9bd5ee76127c04e0a0e6539f36403178a0cee6f249e918a8573',
    ]);
  });

  it('of a whole record is so, too', async () => {
    const stored = await disperse(vectorKey, nonce, fromHex(metaHex) ?? new Uint8Array(0));
    expect(stored.map((value) => value.length)).toEqual([168, 168, 168, 168]);
    expect(stored.map((value) => toHex(sha256(value)))).toEqual([
      'afb1ce3f0f60e2512bcd5baa92b5b611727168426e6f425fcf31a234c0ae2f97',
      'a140527c77d28917c4ccfc85cacd64be04de2a49d08cdfee605508ef4e3012e4',
      'afeaa8c8e25495a0dbb9d8ec0c149e407abe31837a21f1b17a67c58730d53d5b',
      '7e300ef6e4bb203148608f38e7d3317ffd3213dc057677087c7dc0eedc4db6a0',
    ]);
    expect(await gather(vectorKey, stored.slice(2), decodeMetaData)).toEqual(metaValue);
  });

  it('is read from any two, whatever the others are', async () => {
    const stored = await disperse(vectorKey, nonce, utf8('now'));
    const before = await disperse(vectorKey, new Uint8Array(12).fill(1), utf8('then'));
    const rotten = (stored[1] ?? nonce).map((byte, i) => (i === 3 ? byte ^ 4 : byte));
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ] as const) {
      expect(await gather(vectorKey, [stored[b] ?? nonce, stored[a] ?? nonce], same)).toBe('now');
    }
    // Cut off while it was replaced; one of another record, and one that rotted.
    expect(await gather(vectorKey, [before[0] ?? nonce, stored[1] ?? nonce, stored[2] ?? nonce], same)).toBe('now');
    expect(await gather(vectorKey, [stored[0] ?? nonce, rotten, new Uint8Array(0), stored[3] ?? nonce], same)).toBe(
      'now',
    );
    expect(await gather(vectorKey, [stored[0] ?? nonce, rotten], same)).toBeNull();
    expect(await gather(vectorKey, [stored[0] ?? nonce, stored[0] ?? nonce], same)).toBeNull();
    expect(await gather(new Uint8Array(32), stored, same)).toBeNull();
    expect(await gather(vectorKey, [], same)).toBeNull();
    expect(await gather(vectorKey, [Uint8Array.of(9), new Uint8Array(40).fill(9)], same)).toBeNull();
  });
});
