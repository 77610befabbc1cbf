import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { asBytes } from './bytes.ts';

/** SHA-256 (FIPS 180-4) of the parts one after the other; 32 bytes. Parts are not delimited: the caller's format is. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return asBytes(hash.digest());
}

export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** 32 bytes; once. */
  digest(): Uint8Array;
}

/** SHA-256 of what arrives piece by piece. */
export function createSha256(): Sha256 {
  const hash = createHash('sha256');
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => asBytes(hash.digest()),
  };
}

/** HMAC-SHA-256 (RFC 2104) of the parts one after the other; 32 bytes. */
export function hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  // Handed over as bytes, a key costs node:crypto four times what the rest does.
  const hmac = createHmac('sha256', createSecretKey(key));
  for (const part of parts) hmac.update(part);
  return asBytes(hmac.digest());
}
