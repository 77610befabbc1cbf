import { concatBytes } from '#core/crypto/bytes.ts';
import { mlDsa65Keys, mlDsa65Sign, mlDsa65SignatureBytes, mlDsa65Verify } from '#core/crypto/pq-sign.ts';
import { ed25519PublicKey, ed25519Sign, ed25519SignatureBytes, ed25519Verify } from '#core/crypto/sign.ts';
import type { VaultKeys } from './keys.ts';

/*
 * What a vault says of itself is signed twice, and both must hold: Ed25519 (64 bytes) || ML-DSA-65 (3,309 bytes, FIPS 204, deterministic,
 * `context` as its context, with which the message begins too).
 */

export const signatureBytes = ed25519SignatureBytes + mlDsa65SignatureBytes;

export function signTwice(keys: VaultKeys, context: string, message: Uint8Array): Uint8Array {
  const seeds = keys.signing();
  return concatBytes(
    ed25519Sign(seeds.ed25519, message),
    mlDsa65Sign(mlDsa65Keys(seeds.mlDsa65).secret, message, context),
  );
}

/** Whether the person's own keys signed this. */
export function isSignedTwice(keys: VaultKeys, context: string, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== signatureBytes) return false;
  const seeds = keys.signing();
  const [classic, quantum] = [signature.subarray(0, ed25519SignatureBytes), signature.subarray(ed25519SignatureBytes)];
  return (
    ed25519Verify(ed25519PublicKey(seeds.ed25519), message, classic) &&
    mlDsa65Verify(mlDsa65Keys(seeds.mlDsa65).publicKey, message, quantum, context)
  );
}
