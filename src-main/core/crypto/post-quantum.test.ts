import { createPublicKey, verify } from 'node:crypto';
import { sha3_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '#core/testing/hex.ts';
import { concatBytes } from './bytes.ts';
import { toHex } from './encoding.ts';
import { xwingDecapsulate, xwingEncapsulate, xwingKeys } from './kem.ts';
import { mlDsa65Keys, mlDsa65Sign, mlDsa65Verify } from './pq-sign.ts';

// draft-connolly-cfrg-xwing-kem, appendix C, all three vectors (those since draft 06, with ML-KEM as in FIPS 203). Of the
// long public keys and ciphertexts the SHA3-256 digests are compared.
const xwing = [
  {
    seed: '7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26',
    eseed:
      '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
    pk: '5121745904643ad9dfacca7869292c19a8a69533b53e60666b7db910b4ad6367',
    ct: 'c0abd149f83f45324ac3a7ddc7606c71f257e5ea86113522834a0ee1bcb34e3e',
    ss: 'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384',
  },
  {
    seed: 'badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea',
    eseed:
      '17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdefaee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d',
    pk: '799b6016e5daa56ffa1b5e79f7caf73413ceecd6df428642404cac41ddee4853',
    ct: '7680b7ba47ae09bac4b43001edcef9d98e50df20026e70ba6a424447e1f2b961',
    ss: 'f2e86241c64d60f6649fbc6c5b7d17180b780a3f34355e64a85749949c45f150',
  },
  {
    seed: 'ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9',
    eseed:
      '22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70c593ea3aeeb613a7f1b',
    pk: '1ef0c99a06026450564957a5402a788feffbbefdcce55d25de254d0a49eb095a',
    ct: '3088688d63201d5d844170b79f148b2791c15f346ff6f8bd559807fbd442f91f',
    ss: '953f7f4e8c5b5049bdc771d1dffada0dd961477d1a2ae0988baa7ea6898d893f',
  },
];

describe('X-Wing', () => {
  it.each(xwing)('agrees with the draft ($ss)', (v) => {
    const keys = xwingKeys(hex(v.seed));
    expect(keys.publicKey).toHaveLength(1216);
    expect(toHex(sha3_256(keys.publicKey))).toBe(v.pk);
    const made = xwingEncapsulate(keys.publicKey, hex(v.eseed));
    expect(made?.ciphertext).toHaveLength(1120);
    expect(toHex(sha3_256(made?.ciphertext ?? hex('')))).toBe(v.ct);
    expect(toHex(made?.secret ?? hex(''))).toBe(v.ss);
    expect(toHex(xwingDecapsulate(keys.secret, made?.ciphertext ?? hex('')) ?? hex(''))).toBe(v.ss);
  });

  it('gives another secret for a changed ciphertext, and null for what is none', () => {
    const keys = xwingKeys(hex('11'.repeat(32)));
    const made = xwingEncapsulate(keys.publicKey, hex('22'.repeat(64)));
    const changed = made?.ciphertext.slice() ?? hex('');
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(xwingDecapsulate(keys.secret, changed)).not.toEqual(made?.secret);
    expect(xwingDecapsulate(keys.secret, changed.subarray(1))).toBeNull();
    expect(xwingEncapsulate(changed, hex('22'.repeat(64)))).toBeNull();
    // ML-KEM's modulus check (FIPS 203 section 7.2): coefficients of 0xfff are no public key.
    expect(xwingEncapsulate(new Uint8Array(1216).fill(255), hex('22'.repeat(64)))).toBeNull();
  });
});

describe('ML-DSA-65', () => {
  // RFC 9881 appendix C: the example key of seed 00 01 .. 1f. First 32 and last 18 of its 1,952 bytes.
  const keys = mlDsa65Keys(Uint8Array.from({ length: 32 }, (_, i) => i));

  it('makes the key of RFC 9881', () => {
    expect(keys.publicKey).toHaveLength(1952);
    expect(toHex(keys.publicKey.subarray(0, 32))).toBe(
      '48683d91978e31eb3dddb8b0473482d2b88a5f625949fd8f58a561e696bd4c27',
    );
    expect(toHex(keys.publicKey.subarray(-18))).toBe('c47196a4e81b2104bc460a051e02f2e8444f');
  });

  it('signs what OpenSSL verifies', () => {
    // An independent implementation in Node itself. Electron's BoringSSL may lack it: only this test asks for it.
    const head = hex('308207b2300b0609608648016503040312038207a100');
    const message = hex('0102030405');
    const signature = mlDsa65Sign(keys.secret, message, '');
    const theirs = createPublicKey({
      key: Buffer.from(concatBytes(head, keys.publicKey)),
      format: 'der',
      type: 'spki',
    });
    expect(verify(null, message, theirs, signature)).toBe(true);
    expect(verify(null, hex('01'), theirs, signature)).toBe(false);
  });

  it('is deterministic, and bound to message, key and context', () => {
    const message = hex('abcd');
    const signature = mlDsa65Sign(keys.secret, message, 'one');
    expect(mlDsa65Sign(keys.secret, message, 'one')).toEqual(signature);
    expect(mlDsa65Verify(keys.publicKey, message, signature, 'one')).toBe(true);
    expect(mlDsa65Verify(keys.publicKey, message, signature, 'two')).toBe(false);
    expect(mlDsa65Verify(keys.publicKey, hex('abce'), signature, 'one')).toBe(false);
    signature[100] = (signature[100] ?? 0) ^ 1;
    expect(mlDsa65Verify(keys.publicKey, message, signature, 'one')).toBe(false);
  });

  it('says no to any bytes instead of throwing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 3309, maxLength: 3309 }),
        fc.uint8Array({ minLength: 1952, maxLength: 1952 }),
        fc.uint8Array({ maxLength: 9 }),
        (signature, key, short) => {
          expect(mlDsa65Verify(key, short, signature, 'x')).toBe(false);
          expect(mlDsa65Verify(short, short, signature, 'x')).toBe(false);
          expect(mlDsa65Verify(key, short, short, 'x')).toBe(false);
        },
      ),
      { numRuns: 10 },
    );
  });
});
