import { type Prefix, prefixBytes, prefixOf } from './prefix.ts';

/*
 * Address encodings (AE, RFC 8966 section 4.1.5): 0 wildcard, 1 IPv4, 2 IPv6, 3 link-local. The overlay is IPv6 alone, so
 * prefixes with 1 and 3 are not ours to carry: the decoders skip messages that have them.
 */
export const wildcard = 0;
export const ipv6 = 2;

/** The IPv6 prefix of `length` bits at `at`, or null when the length is no IPv6 one or the bytes end before it does. */
export function readPrefix(body: Uint8Array, at: number, encoding: number, length: number): Prefix | null {
  if (encoding !== ipv6 || length > 128 || body.length < at + prefixBytes(length)) return null;
  return prefixOf(body, length, at);
}
