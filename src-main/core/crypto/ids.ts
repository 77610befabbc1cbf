import { toBase64url } from './encoding.ts';

export { fromBase32, fromBase64url, fromHex, toBase32, toBase64url, toHex } from './encoding.ts';

/** A fresh opaque id: 16 random bytes as base64url, 22 characters. Collisions are out of reach (128 bits). */
export function randomId(random: (n: number) => Uint8Array): string {
  return toBase64url(random(16));
}
