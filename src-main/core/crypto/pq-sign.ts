import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { utf8 } from './bytes.ts';

/*
 * ML-DSA-65 (FIPS 204), deterministic: the same key, context and message always give the same signature, so nothing
 * here needs randomness. Used beside Ed25519; where both are asked for, both must hold.
 */

export const mlDsa65PublicKeyBytes = 1952;
export const mlDsa65SignatureBytes = 3309;

export interface MlDsaKeys {
  /** 4,032 bytes, expanded from the seed. */
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** @param seed 32 bytes */
export function mlDsa65Keys(seed: Uint8Array): MlDsaKeys {
  const { secretKey, publicKey } = ml_dsa65.keygen(seed);
  return { secret: secretKey, publicKey };
}

/** @param context separates one use of the key from another (FIPS 204 section 5.2), at most 255 bytes */
export function mlDsa65Sign(secret: Uint8Array, message: Uint8Array, context: string): Uint8Array {
  return ml_dsa65.sign(message, secret, { context: utf8(context), extraEntropy: false });
}

export function mlDsa65Verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  context: string,
): boolean {
  if (publicKey.length !== mlDsa65PublicKeyBytes || signature.length !== mlDsa65SignatureBytes) return false;
  try {
    return ml_dsa65.verify(signature, message, publicKey, { context: utf8(context) });
  } catch {
    return false;
  }
}
