import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { aesGcmKeyBytes, aesGcmTagBytes } from './aead.ts';
import { asBytes } from './bytes.ts';

/**
 * AES-256-GCM without additional data for a packet path: one key object per destination (a raw key buffer costs four times
 * as much per packet on Node 24), results written where the packet is being built.
 */
export interface PacketAead {
  /**
   * Seal `plain` and write ciphertext || 16-byte tag at `target[at]`. `plain` may lie in `target`, even at `at`.
   *
   * @returns bytes written: the plain length + 16
   */
  sealInto(nonce: Uint8Array, plain: Uint8Array, target: Uint8Array, at: number): number;
  /** Open ciphertext || tag; null when it was not sealed under this key and nonce. */
  open(nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null;
}

/** @throws RangeError when the key has not 32 bytes */
export function createPacketAead(key: Uint8Array): PacketAead {
  if (key.length !== aesGcmKeyBytes) throw new RangeError(`AES-256-GCM needs a key of 32 bytes, not ${key.length}`);
  const held = createSecretKey(key);
  const options = { authTagLength: aesGcmTagBytes };
  return {
    sealInto(nonce, plain, target, at) {
      const cipher = createCipheriv('aes-256-gcm', held, nonce, options);
      const body = cipher.update(plain);
      cipher.final();
      target.set(body, at);
      target.set(cipher.getAuthTag(), at + body.length);
      return body.length + aesGcmTagBytes;
    },
    open(nonce, sealed) {
      const end = sealed.length - aesGcmTagBytes;
      if (end < 0) return null;
      const decipher = createDecipheriv('aes-256-gcm', held, nonce, options);
      decipher.setAuthTag(sealed.subarray(end));
      const plain = decipher.update(sealed.subarray(0, end));
      try {
        decipher.final();
      } catch {
        // Unauthenticated plaintext never leaves this function.
        plain.fill(0);
        return null;
      }
      return asBytes(plain);
    },
  };
}
