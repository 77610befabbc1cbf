import { createHash } from 'node:crypto';
import { asBytes } from './bytes.ts';

/**
 * SHA-1 (FIPS 180-4) of the parts one after the other; 20 bytes. Broken for collisions since 2017 and here only because 0-db's
 * password challenge is made of it, which needs no more than that it cannot be inverted. Never for anything of our own.
 */
export function sha1(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return asBytes(hash.digest());
}
