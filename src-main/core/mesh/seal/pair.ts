import { aesGcmNonceBytes, aesGcmTagBytes } from '#core/crypto/aead.ts';
import { x25519 } from '#core/crypto/agree.ts';
import { createPacketAead, type PacketAead } from '#core/crypto/packet-aead.ts';
import { putUserHeader, type UserType, userHeaderBytes } from '../wire/user-data.ts';
import type { Nonces } from './nonces.ts';

/*
 * The body of a data packet (`n` = user header and payload):
 *
 *   0     n  ciphertext
 *   n    16  AES-256-GCM tag
 *   n+16 12  nonce
 *
 * The key is the raw X25519 secret of the two nodes; no KDF, no additional data.
 * Source: Mycelium v0.7.10 (docs/formats/mesh.md).
 */

/** What sealing adds: user header, tag, nonce. */
export const sealOverhead = userHeaderBytes + aesGcmTagBytes + aesGcmNonceBytes;

/** We and one other node. */
export interface Pair {
  /**
   * Seal a payload into `target` at `at`.
   *
   * @returns the bytes of the body: payload + {@link sealOverhead}
   */
  seal(type: UserType, payload: Uint8Array, target: Uint8Array, at: number): number;
  /**
   * @param bytes the body is at `at`, `length` long; all of them by default
   * @returns user header and payload, or null when the two did not seal it
   */
  open(bytes: Uint8Array, at?: number, length?: number): Uint8Array | null;
}

/** @returns null when the key is no usable public key (low order, RFC 7748 section 6.1): an invalid route, not a fault */
export function createPair(secret: Uint8Array, own: Uint8Array, other: Uint8Array, nonces: Nonces): Pair | null {
  const shared = x25519(secret, other);
  if (shared === null) return null;
  const aead = createPacketAead(shared);
  shared.fill(0);
  return pairOf(aead, isGreater(own, other), nonces);
}

function pairOf(aead: PacketAead, greater: boolean, nonces: Nonces): Pair {
  const nonce = new Uint8Array(aesGcmNonceBytes);
  return {
    seal(type, payload, target, at) {
      const plainBytes = userHeaderBytes + payload.length;
      target.set(payload, at + userHeaderBytes);
      putUserHeader(target, at, type);
      nonces.put(nonce, 0, greater);
      const sealed = aead.sealInto(nonce, target.subarray(at, at + plainBytes), target, at);
      target.set(nonce, at + sealed);
      return sealed + aesGcmNonceBytes;
    },
    open(bytes, at = 0, length = bytes.length) {
      if (length < sealOverhead) return null;
      const end = at + length;
      const nonceAt = end - aesGcmNonceBytes;
      return aead.open(bytes.subarray(nonceAt, end), bytes.subarray(at, nonceAt));
    },
  };
}

function isGreater(own: Uint8Array, other: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) {
    const difference = (own[i] as number) - (other[i] as number);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
