import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHead, encodeHead, type Head, headHash, isVouchedFor, signHead } from './head.ts';
import { vaultKeys } from './keys.ts';
import { signatureBytes } from './signature.ts';

const keys = vaultKeys(new Uint8Array(32).fill(42), new Uint8Array(16).fill(7));
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const head: fc.Arbitrary<Head> = fc.record({
  generation: fc.integer({ min: 1, max: 2 ** 48 - 1 }),
  base: fc.boolean(),
  previous: fc.nat(),
  at: fc.nat(),
  parts: fc.array(hash, { minLength: 1, maxLength: 4 }),
  before: fc.record({ generation: fc.nat(), hash }),
});
const one: Head = {
  generation: 9,
  base: false,
  previous: 8,
  at: 1_790_000_000_000,
  parts: [new Uint8Array(32).fill(1)],
  before: { generation: 8, hash: new Uint8Array(32).fill(2) },
};

describe('a head', () => {
  it('comes back as it was written, signed or not, and nothing else is one', () => {
    fc.assert(
      fc.property(
        head,
        fc.option(fc.uint8Array({ minLength: signatureBytes, maxLength: signatureBytes })),
        (h, sig) => {
          expect(decodeHead(encodeHead({ head: h, signature: sig }))).toEqual({ head: h, signature: sig });
        },
      ),
      { numRuns: 50 },
    );
    const bytes = encodeHead({ head: one, signature: null });
    // The same number as a signed one, which msgpack has too.
    const respelled = Uint8Array.from(bytes, (byte) => (byte === 0xcf ? 0xd3 : byte));
    expect(decodeHead(respelled)).toBeNull();
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        const read = decodeHead(changed);
        // What is read in spite of that is another head, with another hash.
        if (read) expect(headHash(keys.vaultId, read.head)).not.toEqual(headHash(keys.vaultId, one));
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (any) => void decodeHead(any)));
  });

  it('is vouched for by the person’s own signature alone; one with everything needs it', () => {
    const signed = signHead(keys, one);
    expect(isVouchedFor(keys, signed)).toBe(true);
    expect(isVouchedFor(keys, { head: one, signature: null })).toBe(true);
    expect(isVouchedFor(keys, { head: { ...one, base: true }, signature: null })).toBe(false);
    expect(isVouchedFor(keys, { ...signed, head: { ...one, generation: 10 } })).toBe(false);
    for (const at of [3, 64 + 700]) {
      const signature = signed.signature?.slice() ?? new Uint8Array();
      signature[at] = (signature[at] ?? 0) ^ 1;
      expect(isVouchedFor(keys, { head: one, signature })).toBe(false);
    }
    const others = vaultKeys(new Uint8Array(32).fill(43), keys.vaultId);
    expect(isVouchedFor(others, signed)).toBe(false);
    expect(isVouchedFor(vaultKeys(new Uint8Array(32).fill(42), new Uint8Array(16)), signed)).toBe(false);
  });
});
