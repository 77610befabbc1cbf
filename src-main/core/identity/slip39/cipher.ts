import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { pbkdf2Sha256 } from '#core/crypto/pbkdf2.ts';
import { wipe } from '#core/crypto/wipe.ts';

/** What the encryption of a master secret depends on, besides the passphrase. */
export interface CipherParameters {
  /** 15 bits. */
  readonly identifier: number;
  /** Then the identifier has no part in the encryption, and later sets of shares of one secret go on holding. */
  readonly extendable: boolean;
  /** Rounds of PBKDF2: 10,000 x 2^exponent in all. */
  readonly exponent: number;
}

const rounds = 4;

/**
 * The cipher of SLIP-0039, "Encryption of the master secret": a Feistel network of four rounds whose function is
 * PBKDF2-HMAC-SHA-256. Any passphrase opens it, each to another secret; nothing tells the right one.
 *
 * @param secret an even number of bytes
 */
async function feistel(
  secret: Uint8Array,
  passphrase: string,
  parameters: CipherParameters,
  order: readonly number[],
): Promise<Uint8Array> {
  const { identifier, extendable, exponent } = parameters;
  const half = secret.length / 2;
  const salt = extendable ? new Uint8Array(0) : concatBytes(utf8('shamir'), Uint8Array.of(identifier >> 8, identifier));
  const typed = utf8(passphrase);
  let left = secret.slice(0, half);
  let right = secret.slice(half);
  for (const round of order) {
    const password = concatBytes(Uint8Array.of(round), typed);
    const mask = await pbkdf2Sha256(password, concatBytes(salt, right), (10_000 * 2 ** exponent) / rounds, half);
    const mixed = left.map((byte, i) => byte ^ (mask[i] ?? 0));
    wipe(password, mask, left);
    left = right;
    right = mixed;
  }
  const out = concatBytes(right, left);
  wipe(left, right, typed);
  return out;
}

export const encryptSecret = (secret: Uint8Array, passphrase: string, parameters: CipherParameters) =>
  feistel(secret, passphrase, parameters, [0, 1, 2, 3]);

export const decryptSecret = (encrypted: Uint8Array, passphrase: string, parameters: CipherParameters) =>
  feistel(encrypted, passphrase, parameters, [3, 2, 1, 0]);
