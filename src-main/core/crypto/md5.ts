import { createHash } from 'node:crypto';

/**
 * MD5 (RFC 1321) of a text, in lower-case hex. For one use only: HTTP Digest (RFC 7616, 3.4), of which the WebDAV client
 * of Windows knows no other hash. There it proves that somebody knows a random password; nothing here may rest on its
 * resistance to collisions.
 */
export function md5Hex(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}
