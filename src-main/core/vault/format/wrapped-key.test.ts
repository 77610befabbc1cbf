import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { packKey, vaultKeys } from './keys.ts';
import { isOfNow, openRow, sealRow } from './row.ts';
import { keyOfPack, unwrapPackKey, wrapPackKey, wrappedEpoch, wrappedKeyBytes } from './wrapped-key.ts';

const root = new Uint8Array(32).fill(1);
const vault = new Uint8Array(16).fill(2);
const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');
const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const epochs = fc.integer({ min: 1, max: 65_535 });

describe('the wrapped key of a pack', () => {
  it('opens for its pack, under its epoch and with these keys only', () => {
    fc.assert(
      fc.property(bytes(32), bytes(16), epochs, fc.integer(), (key, id, epoch, seed) => {
        const keys = vaultKeys(root, vault, epoch);
        const wrapped = wrapPackKey(keys, seededRandom(seed), id, key);
        expect(wrapped.length).toBe(wrappedKeyBytes);
        expect(wrappedEpoch(wrapped)).toBe(epoch);
        // The present epoch of who reads it does not matter.
        expect(unwrapPackKey(vaultKeys(root, vault), id, wrapped)).toEqual(key);
        const other = id.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
        expect(unwrapPackKey(keys, other, wrapped)).toBeNull();
        expect(unwrapPackKey(vaultKeys(root, other), id, wrapped)).toBeNull();
        const claims = wrapped.slice();
        new DataView(claims.buffer).setUint32(0, epoch === 1 ? 2 : epoch - 1, true);
        expect(unwrapPackKey(keys, id, claims)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('refuses any other bytes', () => {
    const keys = vaultKeys(root, vault);
    const id = new Uint8Array(16).fill(3);
    const valid = wrapPackKey(keys, seededRandom(1), id, new Uint8Array(32));
    const near = fc.record({ at: fc.nat(63), bit: fc.nat(7) }).map(({ at, bit }) => {
      const out = valid.slice();
      out[at] = (out[at] ?? 0) ^ (1 << bit);
      return out;
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 80 }), bytes(64)), (input) => {
        expect(unwrapPackKey(keys, id, input)).toBeNull();
      }),
    );
  });

  it('is derived where there is none, as the first release made it', () => {
    const keys = vaultKeys(root, vault, 4);
    const id = new Uint8Array(16).fill(3);
    expect(keyOfPack(keys, { id, epoch: 1, wrapped: null })).toEqual(packKey(keys.epoch(1), id));
  });

  it('keeps its frozen vector', () => {
    const keys = vaultKeys(root, vault, 2);
    const wrapped = wrapPackKey(keys, (n) => new Uint8Array(n).fill(9), new Uint8Array(16).fill(3), root);
    expect(hex(wrapped)).toMatchInlineSnapshot(
      `"02000000090909090909090909090909370f24f1c7c4b33feb4ff4265db141fb387c6d3b796e229e348adc8614c8a31cd173fde33b65deacbec9e1c1ea3ca632"`,
    );
    const row = sealRow(keys, (n) => new Uint8Array(n).fill(9), 'item', 'abc', Uint8Array.of(1, 2, 3));
    expect(hex(row)).toMatchInlineSnapshot(`"090909090909090909090909ced43a3fc1249b23ac8be3bf2bdfe5c37d3bcc02000000"`);
  });
});

describe('rows of several epochs', () => {
  const random = seededRandom(5);
  it('open whatever the present one is, and tell which they are of', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), epochs, epochs, (plain, sealedIn, now) => {
        const row = sealRow(vaultKeys(root, vault, sealedIn), random, 'item', 'a', plain);
        const keys = vaultKeys(root, vault, now);
        expect(openRow(keys, 'item', 'a', row)).toEqual(plain);
        expect(openRow(keys, 'item', 'b', row)).toBeNull();
        expect(isOfNow(vaultKeys(root, vault, sealedIn), row)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('of the first open too when their tag looks like the number of a later one', () => {
    const keys = vaultKeys(root, vault);
    const looks = (row: Uint8Array): boolean => row.at(-1) === 0 && row.at(-2) === 0;
    let row = sealRow(keys, random, 'item', 'a', Uint8Array.of(7));
    while (!looks(row)) row = sealRow(keys, random, 'item', 'a', Uint8Array.of(7));
    expect(openRow(keys, 'item', 'a', row)).toEqual(Uint8Array.of(7));
  });

  it('never open under the key of an earlier one', () => {
    const keys = vaultKeys(root, vault, 2);
    const row = sealRow(keys, random, 'item', 'a', Uint8Array.of(7));
    const aad = new TextEncoder().encode('item a');
    for (const body of [row, row.subarray(0, -4)])
      expect(keys.rows(1).open(body.subarray(0, 12), body.subarray(12), aad)).toBeNull();
  });
});
