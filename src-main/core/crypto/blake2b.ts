import { createBLAKE2b } from 'hash-wasm';

/** Bytes of a digest here. */
export const blake2b128Bytes = 16;

/** BLAKE2b (RFC 7693) with a digest of 16 bytes and no key, of what arrives piece by piece; usable again after `digest`. */
export interface Blake2b128 {
  update(bytes: Uint8Array): void;
  /** 16 bytes. The next `update` begins anew. */
  digest(): Uint8Array;
}

/**
 * The checksum of zstor's format, and nothing else of ours: 128 bits find rot, they do not stop who looks for collisions.
 * The length is part of BLAKE2b's parameters, so this is no truncation of BLAKE2b-512; node:crypto cannot make it (OpenSSL 3.0 refuses
 * the length, BoringSSL has no BLAKE2b).
 */
export async function createBlake2b128(): Promise<Blake2b128> {
  const hash = await createBLAKE2b(8 * blake2b128Bytes);
  let begun = false;
  const begin = (): void => {
    if (!begun) hash.init();
    begun = true;
  };
  return {
    update(bytes) {
      begin();
      hash.update(bytes);
    },
    digest() {
      begin();
      begun = false;
      return hash.digest('binary');
    },
  };
}

/** Of the bytes; 16 bytes. */
export async function blake2b128(bytes: Uint8Array): Promise<Uint8Array> {
  const hash = await createBlake2b128();
  hash.update(bytes);
  return hash.digest();
}
