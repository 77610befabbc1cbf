import { createHash } from 'node:crypto';
import { asBytes } from './bytes.ts';

/**
 * MD5 (RFC 1321) of a text, in lower-case hex. For HTTP Digest (RFC 7616, 3.4), of which the WebDAV client
 * of Windows knows no other hash. There it proves that somebody knows a random password; nothing here may rest on its
 * resistance to collisions.
 */
export function md5Hex(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

/**
 * MD5 of the parts one after the other; 16 bytes. What S3's `Content-MD5` and `ETag` carry: it finds bytes that changed on the way,
 * and protects nothing against people who mean harm.
 */
export function md5(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return asBytes(hash.digest());
}
