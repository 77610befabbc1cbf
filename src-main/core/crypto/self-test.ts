import { openAesGcm, sealAesGcm } from './aead.ts';
import { x25519, x25519PublicKey } from './agree.ts';
import { blake2b128 } from './blake2b.ts';
import { blake3 } from './blake3.ts';
import { utf8 } from './bytes.ts';
import { didKeyEncode } from './did-key.ts';
import { toHex } from './encoding.ts';
import { hmacSha256, sha256 } from './hash.ts';
import { hkdfSha512 } from './kdf.ts';
import { xwingDecapsulate, xwingEncapsulate, xwingKeys } from './kem.ts';
import { mlKem768Decapsulate, mlKem768Encapsulate, mlKem768Keys } from './ml-kem.ts';
import { entropyFromPhrase, phraseFromEntropy } from './phrase.ts';
import { mlDsa65Keys, mlDsa65Sign, mlDsa65Verify } from './pq-sign.ts';
import { systemRandom } from './random.ts';
import { sha1 } from './sha1.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from './sign.ts';
import { loadSodium } from './sodium.ts';
import { walletKey } from './wallet.ts';

export interface SelfTestResult {
  /** How many checks passed. */
  readonly passed: number;
  /** Names of the checks that did not. */
  readonly failed: string[];
}

export type SelfTestCheck = readonly [name: string, check: () => boolean | Promise<boolean>];

/**
 * Check every primitive the core uses against a known answer, at start and in whichever runtime this is: Node links
 * OpenSSL, Electron BoringSSL, and a build may lack or break one. The answers are the published vectors of the tests
 * beside this file, where their sources stand.
 */
export async function selfTest(checks: readonly SelfTestCheck[] = selfTestChecks): Promise<SelfTestResult> {
  let passed = 0;
  const failed: string[] = [];
  for (const [name, check] of checks) {
    let good = false;
    try {
      good = await check();
    } catch {
      // A primitive that is missing throws; that is a failed check like any other.
    }
    if (good) passed++;
    else failed.push(name);
  }
  return { passed, failed };
}

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const zeros = (n: number): Uint8Array => new Uint8Array(n);
const is = (value: Uint8Array | null | undefined, hex: string): boolean => value != null && toHex(value) === hex;

export const selfTestChecks: readonly SelfTestCheck[] = [
  [
    'AES-256-GCM',
    () => {
      const sealed = sealAesGcm(zeros(32), zeros(12), zeros(16), zeros(0));
      return (
        is(sealed, 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919') &&
        is(openAesGcm(zeros(32), zeros(12), sealed, zeros(0)), '00'.repeat(16)) &&
        openAesGcm(zeros(32), zeros(12), sealed, zeros(1)) === null
      );
    },
  ],
  ['BLAKE2b', async () => is(await blake2b128(zeros(0)), 'cae66941d9efbd404e4d88758ea67670')],
  ['BLAKE3', () => is(blake3(zeros(0)), 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262')],
  ['SHA-256', () => is(sha256(utf8('abc')), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')],
  ['SHA-1', () => is(sha1(utf8('abc')), 'a9993e364706816aba3e25717850c26c9cd0d89d')],
  [
    'HMAC-SHA-256',
    () =>
      is(
        hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')),
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      ),
  ],
  [
    'HKDF-SHA-512',
    () =>
      is(
        hkdfSha512(
          bytes('7a00817689a3d79001825a864c69c120'),
          bytes('08bc01c053a6406c7c4a667c9b9b3894'),
          bytes('967ccd75395be6e96a67759f070487c9e2107791'),
          64,
        ),
        'aed987bcc5ed33c4feec7b28aa9fe1c16b1181e00ff42c63cf692ec19242f6d4628604b3382db0806d5e61518f83fc651e6f3bd0a9d1322926a76869b98b75d6',
      ),
  ],
  [
    'Ed25519',
    () => {
      const seed = bytes('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
      const key = ed25519PublicKey(seed);
      const message = bytes('af82');
      const signature = ed25519Sign(seed, message);
      return (
        is(key, 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025') &&
        is(
          signature,
          '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
        ) &&
        ed25519Verify(key, message, signature) &&
        !ed25519Verify(key, bytes('af83'), signature)
      );
    },
  ],
  [
    'X25519',
    () => {
      const secret = bytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
      const theirs = bytes('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
      return (
        is(x25519PublicKey(secret), '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a') &&
        is(x25519(secret, theirs), '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742') &&
        x25519(secret, zeros(32)) === null
      );
    },
  ],
  [
    'X-Wing',
    () => {
      const keys = xwingKeys(bytes('7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26'));
      const made = xwingEncapsulate(
        keys.publicKey,
        bytes(
          '3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e235b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2',
        ),
      );
      const secret = 'd2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384';
      return made !== null && is(made.secret, secret) && is(xwingDecapsulate(keys.secret, made.ciphertext), secret);
    },
  ],
  [
    'ML-KEM-768',
    () => {
      const keys = mlKem768Keys(
        bytes(
          '7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f',
        ),
      );
      const made = mlKem768Encapsulate(
        keys.publicKey,
        bytes('147c03f7a5bebba406c8fae1874d7f13c80efe79a3a9a874cc09fe76f6997615'),
      );
      const secret = 'e7184a0975ee3470878d2d159ec83129c8aec253d4ee17b4810311d198cd0368';
      return made !== null && is(made.secret, secret) && is(mlKem768Decapsulate(keys.secret, made.ciphertext), secret);
    },
  ],
  [
    'ML-DSA-65',
    () => {
      const keys = mlDsa65Keys(Uint8Array.from({ length: 32 }, (_, i) => i));
      const signature = mlDsa65Sign(keys.secret, zeros(3), 'self-test');
      return (
        is(keys.publicKey.subarray(0, 32), '48683d91978e31eb3dddb8b0473482d2b88a5f625949fd8f58a561e696bd4c27') &&
        mlDsa65Verify(keys.publicKey, zeros(3), signature, 'self-test') &&
        !mlDsa65Verify(keys.publicKey, zeros(4), signature, 'self-test')
      );
    },
  ],
  [
    'Argon2id',
    async () => {
      const sodium = await loadSodium();
      const passphrase = bytes('b540beb016a5366524d4605156493f9874514a5aa58818cd0c6dfffaa9e90205f17b');
      const salt = bytes('44071f6d181561670bda728d43fb79b4');
      const out = sodium.argon2id(passphrase, salt, 1, 1631659, 231);
      return is(out.subarray(0, 32), '7fb72409b0987f8190c3729710e98c3f80c5a8727d425fdcde7f3644d467fe97');
    },
  ],
  [
    'XChaCha20-Poly1305',
    async () => {
      const sodium = await loadSodium();
      const key = bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
      const nonce = bytes('404142434445464748494a4b4c4d4e4f5051525354555657');
      const aad = bytes('50515253c0c1c2c3c4c5c6c7');
      const plain = utf8(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
      );
      const sealed = sodium.sealXChaCha(key, nonce, plain, aad);
      return (
        is(sealed.subarray(-16), 'c0875924c1c7987947deafd8780acf49') &&
        is(sodium.openXChaCha(key, nonce, sealed, aad), toHex(plain)) &&
        sodium.openXChaCha(key, nonce, sealed, zeros(0)) === null
      );
    },
  ],
  [
    'BIP-39',
    () => {
      const entropy = bytes('3e141609b97933b66a060dcddc71fad1d91677db872031e85f4c015c5e7e8982');
      const words =
        'dignity pass list indicate nasty swamp pool script soccer toe leaf photo multiply desk host tomato cradle drill spread actor shine dismiss champion exotic';
      const back = entropyFromPhrase(words.split(' '));
      return phraseFromEntropy(entropy).join(' ') === words && back.ok && is(back.entropy, toHex(entropy));
    },
  ],
  ['BIP-44 wallet', () => walletKey(zeros(32), 0).address === '0xF278cF59F82eDcf871d630F28EcC8056f25C1cdb'],
  [
    'did:key',
    () => didKeyEncode(ed25519PublicKey(zeros(32))) === 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp',
  ],
  // No known answer for randomness; that it is there, fills what it is asked for and does not repeat can be seen.
  [
    'randomness',
    () => {
      const [one, other] = [systemRandom(32), systemRandom(32)];
      return one.some((byte) => byte !== 0) && toHex(one) !== toHex(other);
    },
  ],
];
