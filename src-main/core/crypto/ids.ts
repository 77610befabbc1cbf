import { toBase64url } from './encoding.ts';

export { fromBase32, fromBase64url, fromHex, toBase32, toBase64url, toHex } from './encoding.ts';

/** A fresh opaque id: 16 random bytes as base64url, 22 characters. Collisions are out of reach (128 bits). */
export function randomId(random: (n: number) => Uint8Array): string {
  return toBase64url(random(16));
}

/** A random UUID, version 4 (RFC 9562, 5.4), in lower case. */
export function randomUuid(random: (n: number) => Uint8Array): string {
  const bytes = random(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
