import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';

/*
 * ML-KEM-768 (FIPS 203) by itself: for protocols that bring their own X25519 and mix both into one transcript. Where
 * something is only sealed to a key, X-Wing (kem.ts) is the one to use. Randomness comes from the caller.
 */

export const mlKemPublicKeyBytes = 1184;
export const mlKemCiphertextBytes = 1088;
/** Randomness of a key pair: d, then z. */
export const mlKemSeedBytes = 64;
/** Randomness that one encapsulation takes. */
export const mlKemRandomBytes = 32;

export interface MlKemKeys {
  /** 2,400 bytes. */
  readonly secret: Uint8Array;
  /** 1,184 bytes. */
  readonly publicKey: Uint8Array;
}

/** @param seed 64 fresh random bytes */
export function mlKem768Keys(seed: Uint8Array): MlKemKeys {
  if (seed.length !== mlKemSeedBytes) throw new RangeError(`an ML-KEM seed has 64 bytes, not ${seed.length}`);
  const { secretKey, publicKey } = ml_kem768.keygen(seed);
  return { secret: secretKey, publicKey };
}

/**
 * Make a secret of 32 bytes that only the holder of `publicKey` can learn.
 *
 * @param random 32 fresh random bytes
 * @returns null when the public key is malformed (FIPS 203 section 7.2)
 */
export function mlKem768Encapsulate(
  publicKey: Uint8Array,
  random: Uint8Array,
): { ciphertext: Uint8Array; secret: Uint8Array } | null {
  if (random.length !== mlKemRandomBytes) throw new RangeError('ML-KEM encapsulation takes 32 random bytes');
  if (publicKey.length !== mlKemPublicKeyBytes) return null;
  try {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, random);
    return { ciphertext: cipherText, secret: sharedSecret };
  } catch {
    return null;
  }
}

/**
 * Learn the secret that was encapsulated. A ciphertext that was tampered with gives another secret, not an error
 * (implicit rejection): what is sealed with it must authenticate.
 *
 * @returns 32 bytes, or null when the ciphertext has another length
 */
export function mlKem768Decapsulate(secret: Uint8Array, ciphertext: Uint8Array): Uint8Array | null {
  if (ciphertext.length !== mlKemCiphertextBytes) return null;
  try {
    return ml_kem768.decapsulate(ciphertext, secret);
  } catch {
    return null;
  }
}
