import { HDKey } from '@scure/bip32';
import { mnemonicToSeedSync } from '@scure/bip39';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '#core/testing/hex.ts';
import { toHex } from './encoding.ts';
import { entropyFromPhrase, phraseFromEntropy, seedFromEntropy } from './phrase.ts';
import { addressOf, walletKey } from './wallet.ts';

// The 24-word English vectors of BIP-39's reference set (trezor, as bitcoinjs/bip39 test/vectors.json carries them):
// entropy, words, and the seed under the passphrase "TREZOR".
const trezor: [entropy: string, words: string, seed: string][] = [
  [
    '0000000000000000000000000000000000000000000000000000000000000000',
    'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art',
    'bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd3097170af7a4d73245cafa9c3cca8d561a7c3de6f5d4a10be8ed2a5e608d68f92fcc8',
  ],
  [
    '7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f',
    'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title',
    'bc09fca1804f7e69da93c2f2028eb238c227f2e9dda30cd63699232578480a4021b146ad717fbb7e451ce9eb835f43620bf5c514db0f8add49f5d121449d3e87',
  ],
  [
    '8080808080808080808080808080808080808080808080808080808080808080',
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless',
    'c0c519bd0e91a2ed54357d9d1ebef6f5af218a153624cf4f2da911a0ed8f7a09e2ef61af0aca007096df430022f7a2b6fb91661a9589097069720d015e4e982f',
  ],
  [
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote',
    'dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e1613912f0a5b694407be899ffd31ed3992c456cdf60f5d4564b8ba3f05a69890ad',
  ],
  [
    '3e141609b97933b66a060dcddc71fad1d91677db872031e85f4c015c5e7e8982',
    'dignity pass list indicate nasty swamp pool script soccer toe leaf photo multiply desk host tomato cradle drill spread actor shine dismiss champion exotic',
    'ff7f3184df8696d8bef94b6c03114dbee0ef89ff938712301d27ed8336ca89ef9635da20af07d4175f2bf5f3de130f39c9d9e8dd0472489c19b1a020a940da67',
  ],
  [
    '2c85efc7f24ee4573d2b81a6ec66cee209b2dcbd09d8eddc51e0215b0b68e416',
    'clutch control vehicle tonight unusual clog visa ice plunge glimpse recipe series open hour vintage deposit universe tip job dress radar refuse motion taste',
    'fe908f96f46668b2d5b37d82f558c77ed0d69dd0e7e043a5b0511c48c2f1064694a956f86360c93dd04052a8899497ce9e985ebe0c8c52b955e6ae86d4ff4449',
  ],
  [
    '4fa1a8bc3e6d80ee1316050e862c1812031493212b7ec3f3bb1b08f168cabeef',
    'exile ask congress lamp submit jacket era scheme attend cousin alcohol catch course end lucky hurt sentence oven short ball bird grab wing top',
    '095ee6f817b4c2cb30a5a797360a81a40ab0f9a4e25ecd672a3f58a0b5ba0687c096a6b14d2c0deb3bdefce4f61d01ae07417d502429352e27695163f7447a8c',
  ],
  [
    '15da872c95a13dd738fbf50e427583ad61f18fd99f628c417a61cf8343c90419',
    'beyond stage sleep clip because twist token leaf atom beauty genius food business side grid unable middle armed observe pair crouch tonight away coconut',
    'b15509eaa2d09d3efd3e006ef42151b30367dc6e3aa5e44caba3fe4d3e352e65101fbdb86a96776b91946ff06f8eac594dc6ee1d3e82a42dfe1b40fef6bcc3fd',
  ],
];
const [dignity, clutch] = [trezor[4]?.[0] ?? '', trezor[5]?.[0] ?? ''];

describe('BIP-39', () => {
  it.each(trezor)('agrees with the reference vector %s', (entropy, words, seed) => {
    expect(phraseFromEntropy(hex(entropy)).join(' ')).toBe(words);
    expect(entropyFromPhrase(words.split(' '))).toEqual({ ok: true, entropy: hex(entropy) });
    expect(toHex(mnemonicToSeedSync(words, 'TREZOR'))).toBe(seed);
  });

  it('makes the seed without a passphrase', () => {
    const words = phraseFromEntropy(hex(dignity)).join(' ');
    expect(seedFromEntropy(hex(dignity))).toEqual(mnemonicToSeedSync(words, ''));
  });

  it('reads back any entropy', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (entropy) => {
        expect(entropyFromPhrase(phraseFromEntropy(entropy))).toEqual({ ok: true, entropy });
      }),
    );
  });

  it('says what is wrong with a phrase', () => {
    const words = phraseFromEntropy(hex(clutch));
    expect(entropyFromPhrase(words.slice(1))).toEqual({ ok: false, why: 'COUNT' });
    const misspelt = words.with(3, 'controll').with(20, '');
    expect(entropyFromPhrase(misspelt)).toEqual({ ok: false, why: 'UNKNOWN_WORDS', positions: [3, 20] });
    expect(entropyFromPhrase(words.with(0, 'zoo'))).toEqual({ ok: false, why: 'CHECKSUM' });
    expect(entropyFromPhrase(new Array(24).fill('constructor'))).toMatchObject({ why: 'UNKNOWN_WORDS' });
  });
});

describe('the wallet', () => {
  it('uses a BIP-32 that agrees with its test vector 1', () => {
    const master = HDKey.fromMasterSeed(hex('000102030405060708090a0b0c0d0e0f'));
    expect(master.derive("m/0'/1/2'/2/1000000000").publicExtendedKey).toBe(
      'xpub6H1LXWLaKsWFhvm6RVpEL9P4KfRZSW7abD2ttkWP3SSQvnyA8FSVqNTEcYFgJS2UaFcxupHiYkro49S8yGasTvXEYBVPamhGW6cFJodrTHy',
    );
  });

  it('gives the accounts every other wallet gives for the same words', () => {
    // m/44'/60'/0'/0/0 of "abandon x23 art", as pinned by several independent wallets' tests.
    const key = walletKey(new Uint8Array(32), 0);
    expect(key.address).toBe('0xF278cF59F82eDcf871d630F28EcC8056f25C1cdb');
    expect(key.path).toBe("m/44'/60'/0'/0/0");
    expect(addressOf(key.publicKey)).toBe(key.address);
    expect(walletKey(new Uint8Array(32), 1).address).not.toBe(key.address);
  });

  it('writes addresses as EIP-55 does', () => {
    // First account of "test test ... junk", the development phrase of Hardhat and Foundry.
    const seed = mnemonicToSeedSync('test test test test test test test test test test test junk');
    const node = HDKey.fromMasterSeed(seed).derive("m/44'/60'/0'/0/0");
    expect(addressOf(node.publicKey ?? hex(''))).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
  });

  it('refuses an account number out of range', () => {
    for (const index of [-1, 0.5, 2 ** 31, Number.NaN])
      expect(() => walletKey(new Uint8Array(32), index)).toThrow(RangeError);
  });
});
