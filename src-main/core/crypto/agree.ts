import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { asBytes, concatBytes } from './bytes.ts';

/* X25519 (RFC 7748) from node:crypto, with raw 32-byte keys. */

const privateHead = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
]);
const publicHead = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00]);

function privateKey(secret: Uint8Array): KeyObject {
  if (secret.length !== 32) throw new RangeError(`an X25519 secret has 32 bytes, not ${secret.length}`);
  const der = concatBytes(privateHead, secret);
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

/** The public key of a 32-byte secret; 32 bytes. */
export function x25519PublicKey(secret: Uint8Array): Uint8Array {
  const spki = createPublicKey(privateKey(secret)).export({ format: 'der', type: 'spki' });
  return asBytes(spki.subarray(-32)).slice();
}

/**
 * The secret shared by the two; 32 bytes, to be run through a KDF before use.
 *
 * @returns null for a public key that leads to the all-zero secret (RFC 7748 section 6.1) or is no key at all
 */
export function x25519(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  if (publicKey.length !== 32) return null;
  const mine = privateKey(secret);
  let shared: Uint8Array;
  try {
    const der = concatBytes(publicHead, publicKey);
    const theirs = createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' });
    shared = asBytes(diffieHellman({ privateKey: mine, publicKey: theirs }));
  } catch {
    return null;
  }
  return shared.every((byte) => byte === 0) ? null : shared;
}
