import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '#core/testing/hex.ts';
import { openAesGcm, openAesGcmInPlace, sealAesGcm } from './aead.ts';
import { toHex } from './encoding.ts';
import { loadSodium } from './sodium.ts';

// McGrew and Viega, "The Galois/Counter Mode of Operation", submitted to NIST, appendix B, test cases 13 to 16.
const plain60 = `d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525
  b16aedf5aa0de657ba637b39`;
const cipher64 = `522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838
  c5f61e6393ba7a0abcc9f662`;
const key = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308';
const nonce = 'cafebabefacedbaddecaf888';
const aesGcm = [
  {
    case: 13,
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    plain: '',
    aad: '',
    sealed: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    case: 14,
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    plain: '00'.repeat(16),
    aad: '',
    sealed: 'cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    case: 15,
    key,
    nonce,
    plain: `${plain60} 1aafd255`,
    aad: '',
    sealed: `${cipher64} 898015ad b094dac5d93471bdec1a502270e3cc6c`,
  },
  {
    case: 16,
    key,
    nonce,
    plain: plain60,
    aad: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    sealed: `${cipher64} 76fc6ece0f4e1768cddf8853bb2d551b`,
  },
];

describe('AES-256-GCM', () => {
  it.each(aesGcm)('agrees with published test case $case', (v) => {
    const [k, n, p, a, s] = [hex(v.key), hex(v.nonce), hex(v.plain), hex(v.aad), hex(v.sealed)];
    expect(toHex(sealAesGcm(k, n, p, a))).toBe(toHex(s));
    expect(openAesGcm(k, n, s, a)).toEqual(p);
  });

  it('answers with plain bytes that own their memory, so that they can be transferred', () => {
    const sealed = sealAesGcm(hex(key), hex(nonce), hex(plain60), hex(''));
    expect(Buffer.isBuffer(sealed)).toBe(false);
    expect(sealed.buffer.byteLength).toBe(sealed.length);
  });

  it('opens what it sealed, and nothing that differs in one bit', () => {
    const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
    fc.assert(
      fc.property(
        bytes(32),
        bytes(12),
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(),
        (k, n, p, a, at) => {
          const sealed = sealAesGcm(k, n, p, a);
          expect(openAesGcm(k, n, sealed, a)).toEqual(p);
          const flipped = sealed.slice();
          flipped[at % flipped.length] = (flipped[at % flipped.length] ?? 0) ^ (1 << (at % 8));
          expect(openAesGcm(k, n, flipped, a)).toBeNull();
          expect(openAesGcm(k, n, sealed, Uint8Array.from([...a, 0]))).toBeNull();
          expect(openAesGcm(k, n, sealed.subarray(0, at % sealed.length), a)).toBeNull();
          expect(openAesGcmInPlace(k, n, flipped, a)).toBeNull();
          expect(flipped).toEqual(new Uint8Array(flipped.length));
          expect(openAesGcmInPlace(k, n, sealed.slice(0, at % sealed.length), a)).toBeNull();
          expect(openAesGcmInPlace(k, n, sealed, a)).toEqual(p);
        },
      ),
    );
  });

  it('opens in place what is longer than the pieces it works in', () => {
    const plain = new Uint8Array(200_001).map((_, i) => (i * 31) >> 3);
    const sealed = sealAesGcm(hex(key), hex(nonce), plain, hex('ab'));
    const opened = openAesGcmInPlace(hex(key), hex(nonce), sealed, hex('ab'));
    expect(opened?.buffer).toBe(sealed.buffer);
    expect(Buffer.compare(opened ?? new Uint8Array(0), plain)).toBe(0);
  });

  it('refuses keys and nonces of another length', () => {
    expect(() => sealAesGcm(hex('00'), hex(nonce), hex(''), hex(''))).toThrow(RangeError);
    expect(() => openAesGcm(hex(key), hex('00'), hex(''), hex(''))).toThrow(RangeError);
  });
});

describe('XChaCha20-Poly1305', () => {
  // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
  const v = {
    key: hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
    nonce: hex('404142434445464748494a4b4c4d4e4f5051525354555657'),
    aad: hex('50515253c0c1c2c3c4c5c6c7'),
    plain: new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ),
    sealed: hex(`bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb
      731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452
      2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9
      21f9664c97637da9768812f615c68b13b52e c0875924c1c7987947deafd8780acf49`),
  };

  it('agrees with the draft', async () => {
    const sodium = await loadSodium();
    expect(toHex(sodium.sealXChaCha(v.key, v.nonce, v.plain, v.aad))).toBe(toHex(v.sealed));
    expect(sodium.openXChaCha(v.key, v.nonce, v.sealed, v.aad)).toEqual(v.plain);
  });

  it('opens nothing that was changed or cut', async () => {
    const sodium = await loadSodium();
    for (let i = 0; i < v.sealed.length; i++) {
      const flipped = v.sealed.slice();
      flipped[i] = (flipped[i] ?? 0) ^ 1;
      expect(sodium.openXChaCha(v.key, v.nonce, flipped, v.aad)).toBeNull();
      expect(sodium.openXChaCha(v.key, v.nonce, v.sealed.subarray(0, i), v.aad)).toBeNull();
    }
  });
});
