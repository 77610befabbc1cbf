import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { aesGcmKeyBytes, aesGcmNonceBytes, aesGcmTagBytes } from './aead.ts';
import { asBytes } from './bytes.ts';

/** Plain bytes that one key and nonce may seal (NIST SP 800-38D, 5.2.1.1): 2^36 - 32. */
export const aesGcmMostBytes = 2 ** 36 - 32;

/** AES-256-GCM of one long message that comes piece by piece. */
export interface AesGcmSealer {
  /** @returns as many bytes of ciphertext @throws RangeError past {@link aesGcmMostBytes} */
  update(plain: Uint8Array): Uint8Array;
  /** The 16-byte tag; once. */
  tag(): Uint8Array;
}

/**
 * What {@link AesGcmSealer} sealed. The plain bytes are given out *before* they are known to be right: only for who can take all of
 * them back, or has checked them in another way, and must ask {@link AesGcmOpener.isRight} before anybody else sees them.
 */
export interface AesGcmOpener {
  update(sealed: Uint8Array): Uint8Array;
  /** Whether all that was given out is what was sealed; once. @param tag 16 bytes */
  isRight(tag: Uint8Array): boolean;
}

/** @throws RangeError when key or nonce has another length */
export function createAesGcmSealer(key: Uint8Array, nonce: Uint8Array): AesGcmSealer {
  check(key, nonce);
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: aesGcmTagBytes });
  let total = 0;
  return {
    update(plain) {
      total += plain.length;
      if (total > aesGcmMostBytes) throw new RangeError('too long for one message of AES-GCM');
      return asBytes(cipher.update(plain));
    },
    tag() {
      cipher.final();
      return asBytes(cipher.getAuthTag());
    },
  };
}

/** @throws RangeError when key or nonce has another length */
export function createAesGcmOpener(key: Uint8Array, nonce: Uint8Array): AesGcmOpener {
  check(key, nonce);
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: aesGcmTagBytes });
  return {
    update: (sealed) => asBytes(decipher.update(sealed)),
    isRight(tag) {
      if (tag.length !== aesGcmTagBytes) return false;
      decipher.setAuthTag(tag);
      try {
        decipher.final();
        return true;
      } catch {
        return false;
      }
    },
  };
}

function check(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== aesGcmKeyBytes) throw new RangeError(`AES-256-GCM needs a key of 32 bytes, not ${key.length}`);
  if (nonce.length !== aesGcmNonceBytes) {
    throw new RangeError(`AES-256-GCM here takes a nonce of 12 bytes, not ${nonce.length}`);
  }
}
