import { createHash } from 'node:crypto';
import { asBytes } from './bytes.ts';
import type { Sha256 } from './hash.ts';

/** SHA-512 (FIPS 180-4) of what arrives piece by piece; 64 bytes. Debian and Alpine publish image checksums in it. */
export function createSha512(): Sha256 {
  const hash = createHash('sha512');
  return {
    update(bytes) {
      hash.update(bytes);
    },
    digest: () => asBytes(hash.digest()),
  };
}
