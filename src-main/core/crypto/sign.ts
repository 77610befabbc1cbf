import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { asBytes, concatBytes } from './bytes.ts';

/*
 * Ed25519 (RFC 8032) from node:crypto: synchronous, in every thread, in OpenSSL and in Electron's BoringSSL alike. Keys
 * are raw: a 32-byte seed, a 32-byte public key, a 64-byte signature, as libsodium and tweetnacl have them too.
 */

export const ed25519SignatureBytes = 64;

// The fixed DER heads around a raw Ed25519 key: PKCS #8 with a 32-byte seed, SPKI with a public key (RFC 8410).
const privateHead = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);
const publicHead = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);

function privateKey(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new RangeError(`an Ed25519 seed has 32 bytes, not ${seed.length}`);
  const der = concatBytes(privateHead, seed);
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

/** The public key of a seed; 32 bytes. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return asBytes(spki.subarray(-32)).slice();
}

/** Sign; deterministic, 64 bytes. */
export function ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return asBytes(sign(null, message, privateKey(seed)));
}

/** Whether the signature is this key's over this message. Wrong lengths and malformed keys are simply not valid. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== ed25519SignatureBytes) return false;
  try {
    const der = concatBytes(publicHead, publicKey);
    const key = createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}
