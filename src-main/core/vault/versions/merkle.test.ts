import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/crypto/hash.ts';
import { createMerkle, leafOf } from './merkle.ts';

const rootOf = (leaves: readonly Uint8Array[]): Uint8Array => {
  const merkle = createMerkle();
  for (const leaf of leaves) merkle.add(leaf);
  return merkle.root();
};

/** As RFC 6962 writes it: split at the largest power of two below the count. */
function byTheBook(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return only;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return sha256(Uint8Array.of(1), byTheBook(leaves.slice(0, k)), byTheBook(leaves.slice(k)));
}

describe('the Merkle root', () => {
  it('is that of RFC 6962, for any number of leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 }), (leaves) => {
        expect(rootOf(leaves)).toEqual(byTheBook(leaves));
      }),
    );
  });

  it('agrees with the published vectors of certificate transparency', () => {
    // The leaves and roots of the reference implementation's tests: "", 00, 10, 2021, 3031, 40414243.
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const leaves = inputs.map((hex) => sha256(Uint8Array.of(0), Buffer.from(hex, 'hex')));
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(rootOf([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex(rootOf(leaves.slice(0, 1)))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(hex(rootOf(leaves.slice(0, 2)))).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
    expect(hex(rootOf(leaves.slice(0, 3)))).toBe('aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77');
    expect(hex(rootOf(leaves))).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  it('changes with every part of a row, and tells parts apart', () => {
    const bytes = (...b: number[]): Uint8Array => Uint8Array.from(b);
    const all = [
      leafOf('a', bytes(1, 2), bytes(3)),
      leafOf('a', bytes(1), bytes(2, 3)),
      leafOf('a', bytes(1, 2), null),
      leafOf('b', bytes(1, 2), bytes(3)),
      leafOf('a', bytes(1, 2), bytes()),
    ];
    expect(new Set(all.map((leaf) => Buffer.from(leaf).toString('hex'))).size).toBe(all.length);
  });
});
