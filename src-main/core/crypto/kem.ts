import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js';

/*
 * X-Wing, the hybrid of X25519 and ML-KEM-768 (draft-connolly-cfrg-xwing-kem): the shared secret is safe while either
 * part is. Encapsulation takes its randomness from the caller.
 */

export const xwingPublicKeyBytes = 1216;
export const xwingCiphertextBytes = 1120;
/** Randomness that one encapsulation takes. */
export const xwingRandomBytes = 64;

export interface XWingKeys {
  /** 32 bytes: the seed itself is the decapsulation key. */
  readonly secret: Uint8Array;
  /** 1,216 bytes. */
  readonly publicKey: Uint8Array;
}

/** @param seed 32 bytes, kept as the secret key (a copy is made) */
export function xwingKeys(seed: Uint8Array): XWingKeys {
  if (seed.length !== 32) throw new RangeError(`an X-Wing seed has 32 bytes, not ${seed.length}`);
  const { publicKey } = ml_kem768_x25519.keygen(seed);
  return { secret: seed.slice(), publicKey };
}

/**
 * Make a secret that only the holder of `publicKey` can learn.
 *
 * @param random 64 fresh random bytes
 * @returns null when the public key is malformed
 */
export function xwingEncapsulate(
  publicKey: Uint8Array,
  random: Uint8Array,
): { ciphertext: Uint8Array; secret: Uint8Array } | null {
  if (random.length !== xwingRandomBytes) throw new RangeError('X-Wing encapsulation takes 64 random bytes');
  if (publicKey.length !== xwingPublicKeyBytes) return null;
  try {
    const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(publicKey, random);
    return { ciphertext: cipherText, secret: sharedSecret };
  } catch {
    return null;
  }
}

/**
 * Learn the secret that was encapsulated. A ciphertext that was tampered with gives another secret, not an error
 * (implicit rejection): what is sealed with it must authenticate.
 *
 * @returns 32 bytes, or null when the ciphertext is malformed
 */
export function xwingDecapsulate(secret: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
  if (ciphertext.length !== xwingCiphertextBytes) return null;
  try {
    return ml_kem768_x25519.decapsulate(ciphertext, secret);
  } catch {
    return null;
  }
}
