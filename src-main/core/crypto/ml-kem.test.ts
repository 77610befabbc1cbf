import { sha3_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '#core/testing/hex.ts';
import { toHex } from './encoding.ts';
import { mlKem768Decapsulate, mlKem768Encapsulate, mlKem768Keys } from './ml-kem.ts';

// Wycheproof, mlkem_768_keygen_seed_test and mlkem_768_encaps_test, "based on official round 3 seeds" 0 and 1. Of the long
// public keys and ciphertexts the SHA3-256 digests are compared.
const vectors = [
  {
    seed: '7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f',
    ek: 'f57262661358cde8d3ebf990e5fd1d5b896c992ccfaadb5256b68bbf5943b132',
    m: '147c03f7a5bebba406c8fae1874d7f13c80efe79a3a9a874cc09fe76f6997615',
    c: '6e777e2cf8054659136a971d9e70252f301226930c19c470ee0688163a63c15b',
    k: 'e7184a0975ee3470878d2d159ec83129c8aec253d4ee17b4810311d198cd0368',
  },
  {
    seed: 'd60b93492a1d8c1c7ba6fc0b733137f3406cee8110a93f170e7a78658af326d9003271531cf27285b8721ed5cb46853043b346a66cba6cf765f1b0eaa40bf672',
    ek: '7b00751eb9b1253231213f8a14f06f0fe1b7a4fdb7d1cfe44c161e577e5e8f0a',
    m: 'cde797df8ce67231f6c5d15811843e01eb2ab84c7490931240822adbddd72046',
    c: 'bce1bf3450f574130b9561ee11565fa41d599d05d2136f10ad2c013eb5d13ca9',
    k: '5f0c5d9f39d3e724b5a2bd54e69e360f72ffab5d4d6cc5e572fecba80acd4796',
  },
];

describe('ML-KEM-768', () => {
  it.each(vectors)('agrees with the published vectors ($k)', (v) => {
    const keys = mlKem768Keys(hex(v.seed));
    expect(keys.publicKey).toHaveLength(1184);
    expect(toHex(sha3_256(keys.publicKey))).toBe(v.ek);
    const made = mlKem768Encapsulate(keys.publicKey, hex(v.m));
    expect(made?.ciphertext).toHaveLength(1088);
    expect(toHex(sha3_256(made?.ciphertext ?? hex('')))).toBe(v.c);
    expect(toHex(made?.secret ?? hex(''))).toBe(v.k);
    expect(toHex(mlKem768Decapsulate(keys.secret, made?.ciphertext ?? hex('')) ?? hex(''))).toBe(v.k);
  });

  it('gives another secret for a changed ciphertext, and null for what is none', () => {
    const keys = mlKem768Keys(hex('11'.repeat(64)));
    const made = mlKem768Encapsulate(keys.publicKey, hex('22'.repeat(32)));
    const changed = made?.ciphertext.slice() ?? hex('');
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(mlKem768Decapsulate(keys.secret, changed)).not.toEqual(made?.secret);
    expect(mlKem768Decapsulate(keys.secret, changed.subarray(1))).toBeNull();
    expect(mlKem768Encapsulate(changed, hex('22'.repeat(32)))).toBeNull();
    // FIPS 203 section 7.2: coefficients of 0xfff are not reduced.
    expect(mlKem768Encapsulate(new Uint8Array(1184).fill(255), hex('22'.repeat(32)))).toBeNull();
  });

  it('takes any bytes for a ciphertext or key: a value or null', () => {
    const keys = mlKem768Keys(hex('33'.repeat(64)));
    const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
    fc.assert(
      fc.property(bytes(1088), bytes(1184), (ciphertext, key) => {
        expect(mlKem768Decapsulate(keys.secret, ciphertext)).toHaveLength(32);
        const made = mlKem768Encapsulate(key, hex('22'.repeat(32)));
        expect(made === null || made.secret.length === 32).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
