import { hkdfSync } from 'node:crypto';

/**
 * HKDF (RFC 5869) with SHA-512.
 *
 * @param ikm input keying material
 * @param salt may be empty
 * @param info the label that separates one use from another
 * @param length bytes wanted, at most 16,320 (255 x 64)
 */
export function hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: string | Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha512', ikm, salt, info, length));
}
