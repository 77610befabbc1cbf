import { describe, expect, it } from 'vitest';
import { hex } from '#core/testing/hex.ts';
import { argon2id } from './argon2.ts';
import { runArgon2 } from './argon2-job.ts';
import { calibrateArgon2, costFor } from './calibrate.ts';
import { toHex } from './encoding.ts';
import { createSha256, hmacSha256, sha256 } from './hash.ts';
import { hkdfSha512 } from './kdf.ts';
import { loadSodium } from './sodium.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('SHA-256 and HMAC', () => {
  it('agrees with FIPS 180-4 examples, in one piece or many', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(toHex(sha256(ascii('abc')))).toBe(abc);
    expect(toHex(sha256(ascii('a'), ascii(''), ascii('bc')))).toBe(abc);
    const running = createSha256();
    running.update(ascii('ab'));
    running.update(ascii('c'));
    expect(toHex(running.digest())).toBe(abc);
    expect(toHex(sha256())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('agrees with RFC 4231 test case 2', () => {
    const mac = hmacSha256(ascii('Jefe'), ascii('what do ya want '), ascii('for nothing?'));
    expect(toHex(mac)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });
});

describe('HKDF-SHA-512', () => {
  // RFC 5869 publishes no vectors for SHA-512; these are tests 3, 6, 9 and 12 of Project Wycheproof's hkdf_sha512_test.json.
  it.each([
    {
      ikm: 'a4748031a14d3e6aafe42aa20c568f5f',
      salt: '',
      info: '',
      okm: '62ea97e06051e40b79deb127a4da294f557cafa3d7a90a75c02064571dfbbe4699129bdcec4b39eed7757ce8e3571589f7d8f5523c0dc3fd6a56b099fb4bfd51',
    },
    {
      ikm: '55fb6dcc7802354e55a45a6e41858c05',
      salt: '',
      info: 'dcd590e418b259c64fb9e139b3a1280d5de8400b',
      okm: '725ac2b568fa0308ea6baeb2175ae9a0d41f8be1af13057f0646ba56389a8f1d8a783da95fc7eee4897a0b1580f7987115e03508feedc335260a293f01afdb98',
    },
    {
      ikm: '529e91a61895f1c4ceb5b6994f48783b',
      salt: '12e4ae515328983bab2d88da3cb32a95',
      info: '',
      okm: '9c40abb65d7ef9826758a9818668624907b2bc0d9ff6b80d60673d2fdd68418874f48bf1960d75e19c6594d7079b6b019d8e3ec98705a6b4886e122c9eab955e',
    },
    {
      ikm: '7a00817689a3d79001825a864c69c120',
      salt: '08bc01c053a6406c7c4a667c9b9b3894',
      info: '967ccd75395be6e96a67759f070487c9e2107791',
      okm: 'aed987bcc5ed33c4feec7b28aa9fe1c16b1181e00ff42c63cf692ec19242f6d4628604b3382db0806d5e61518f83fc651e6f3bd0a9d1322926a76869b98b75d6',
    },
  ])('agrees with Wycheproof ($ikm)', (v) => {
    expect(toHex(hkdfSha512(hex(v.ikm), hex(v.salt), hex(v.info), 64))).toBe(v.okm);
  });

  it('takes a label as text', () => {
    const ikm = hex('00');
    expect(hkdfSha512(ikm, ikm, 'label', 32)).toEqual(hkdfSha512(ikm, ikm, ascii('label'), 32));
  });
});

describe('Argon2id', () => {
  // libsodium's own published vector (test/default/pwhash_argon2id.c and .exp, seventh of tv); RFC 9106's takes a secret
  // and associated data, which libsodium does not offer.
  it('agrees with libsodium’s vector', async () => {
    const sodium = await loadSodium();
    const out = sodium.argon2id(
      hex('b540beb016a5366524d4605156493f9874514a5aa58818cd0c6dfffaa9e90205f17b'),
      hex('44071f6d181561670bda728d43fb79b4'),
      1,
      1631659,
      231,
    );
    expect(toHex(out)).toBe(
      '7fb72409b0987f8190c3729710e98c3f80c5a8727d425fdcde7f3644d467fe973f5b5fee683bd3fce812cb9ae5e9921a2d06c2f1905e4e839692f2b934b682f11a2fe2b90482ea5dd234863516dba6f52dc0702d324ec77d860c2e181f84472bd7104fedce071ffa93c5309494ad51623d214447a7b2b1462dc7d5d55a1f6fd5b54ce024118d86f0c6489d16545aaa87b6689dad9f2fb47fda9894f8e12b87d978b483ccd4cc5fd9595cdc7a818452f915ce2f7df95ec12b1c72e3788d473441d884f9748eb14703c21b45d82fd667b85f5b2d98c13303b3fe76285531a826b6fc0fe8e3dddecf',
    );
  });

  it('gives the same in a worker as in place, and leaves the passphrase alone', async () => {
    const passphrase = ascii('correct horse battery staple');
    const salt = new Uint8Array(16).fill(7);
    const cost = { passes: 1, memoryKiB: 8 * 1024 };
    const key = await argon2id(passphrase, salt, cost);
    expect(key).toHaveLength(32);
    expect(key).toEqual(await runArgon2({ passphrase, salt, ...cost }));
    expect(passphrase).toEqual(ascii('correct horse battery staple'));
  });
});

describe('calibration', () => {
  it('spends about a second, never less than 64 MiB and three passes', () => {
    expect(costFor(130, 290)).toEqual({ passes: 3, memoryKiB: 256 * 1024 });
    expect(costFor(175, 425)).toEqual({ passes: 2, memoryKiB: 256 * 1024 });
    expect(costFor(250, 650)).toEqual({ passes: 2, memoryKiB: 128 * 1024 });
    expect(costFor(5000, 15_000)).toEqual({ passes: 3, memoryKiB: 64 * 1024 });
    expect(costFor(0, 0)).toEqual({ passes: 16, memoryKiB: 256 * 1024 });
    // A hiccup during the first probe: no cheaper for that than the second says.
    expect(costFor(900, 300)).toEqual({ passes: 2, memoryKiB: 256 * 1024 });
  });

  it('measures this computer', async () => {
    const cost = await calibrateArgon2(Date.now);
    expect(cost.memoryKiB).toBeGreaterThanOrEqual(64 * 1024);
    expect(cost.passes).toBeGreaterThanOrEqual(2);
  });
});
