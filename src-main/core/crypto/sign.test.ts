import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import { hex } from '#core/testing/hex.ts';
import { x25519, x25519PublicKey } from './agree.ts';
import { didKeyDecode, didKeyEncode } from './did-key.ts';
import { toHex } from './encoding.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from './sign.ts';

// RFC 8032 section 7.1, tests 1 to 3 and SHA(abc).
const rfc8032 = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
  {
    seed: '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
    key: 'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
    message:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    signature:
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
  },
];

describe('Ed25519', () => {
  it.each(rfc8032)('agrees with RFC 8032 ($key)', (v) => {
    expect(toHex(ed25519PublicKey(hex(v.seed)))).toBe(v.key);
    expect(toHex(ed25519Sign(hex(v.seed), hex(v.message)))).toBe(v.signature);
    expect(ed25519Verify(hex(v.key), hex(v.message), hex(v.signature))).toBe(true);
    // What the renderer and the phone page use, where WebAssembly is barred.
    expect(nacl.sign.detached.verify(hex(v.message), hex(v.signature), hex(v.key))).toBe(true);
  });

  it('and tweetnacl accept each other’s signatures, and neither a changed one', () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(seeds, fc.uint8Array({ maxLength: 100 }), fc.nat(), (seed, message, at) => {
        const pair = nacl.sign.keyPair.fromSeed(seed);
        const key = ed25519PublicKey(seed);
        expect(key).toEqual(pair.publicKey);
        const signature = ed25519Sign(seed, message);
        expect(signature).toEqual(nacl.sign.detached(message, pair.secretKey));
        expect(nacl.sign.detached.verify(message, signature, key)).toBe(true);
        signature[at % 64] = (signature[at % 64] ?? 0) ^ (1 << (at % 8));
        expect(ed25519Verify(key, message, signature)).toBe(false);
        expect(nacl.sign.detached.verify(message, signature, key)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });

  it('says no to any bytes instead of throwing', () => {
    const any = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(any, any, any, (key, message, signature) => {
        expect(ed25519Verify(key, message, signature)).toBe(false);
      }),
    );
  });
});

describe('X25519', () => {
  it('agrees with RFC 7748 section 6.1', () => {
    const alice = hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
    const bob = hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
    const shared = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
    expect(toHex(x25519PublicKey(alice))).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    expect(toHex(x25519PublicKey(bob))).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    expect(x25519(alice, x25519PublicKey(bob))).toEqual(shared);
    expect(x25519(bob, x25519PublicKey(alice))).toEqual(shared);
  });

  it('agrees with RFC 7748 section 5.2, second vector', () => {
    const shared = x25519(
      hex('4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d'),
      hex('e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493'),
    );
    expect(shared).toEqual(hex('95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957'));
  });

  it('refuses points that lead to the all-zero secret, and what is no key', () => {
    const secret = hex('77'.repeat(32));
    // The points of small order 0 and 1 (RFC 7748 section 7).
    expect(x25519(secret, hex('00'.repeat(32)))).toBeNull();
    expect(x25519(secret, hex(`01${'00'.repeat(31)}`))).toBeNull();
    expect(x25519(secret, hex('01'))).toBeNull();
  });
});

describe('did:key', () => {
  // W3C CCG did:key method, test-vectors/ed25519-x25519.json: seeds 0 to 4.
  it.each([
    ['00', 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp'],
    ['01', 'did:key:z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG'],
    ['02', 'did:key:z6MknGc3ocHs3zdPiJbnaaqDi58NGb4pk1Sp9WxWufuXSdxf'],
    ['03', 'did:key:z6MkvqoYXQfDDJRv8L4wKzxYeuKyVZBfi9Qo6Ro8MiLH3kDQ'],
    ['04', 'did:key:z6MkwW6aqMnjgrhJXFUko3NnZPGzVpkNzhYK7yEhnsibmLwL'],
  ])('agrees with the published vector of seed ..%s', (last, did) => {
    const key = ed25519PublicKey(hex('00'.repeat(31) + last));
    expect(didKeyEncode(key)).toBe(did);
    expect(didKeyDecode(did)).toEqual(key);
  });

  it('reads back what it wrote, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(didKeyDecode(didKeyEncode(key))).toEqual(key);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(didKeyDecode(text)).toBeNull();
        expect(didKeyDecode(`did:key:z${text}`)).toBeNull();
      }),
    );
    // Same vectors file: the X25519 key of seed 0 is a did:key of another kind.
    expect(didKeyDecode('did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW')).toBeNull();
  });
});
