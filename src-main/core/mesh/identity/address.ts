import { blake3 } from '#core/crypto/blake3.ts';

/** Every address of the overlay lies in 400::/7: its first byte is 4 or 5. */
export function isOverlayAddress(bytes: Uint8Array, at = 0): boolean {
  return ((bytes[at] as number) & 0xfe) === 0x04;
}

/**
 * The address of a public key (daemon 0.5.0 and later): the first 16 bytes of the key's BLAKE3, the first of them replaced by
 * 4, or 5 when it had an odd number of 1-bits. The node answers for the whole /64 around it.
 *
 * The example pairs in the daemon's README follow an older rule (BLAKE2b) and do not agree.
 *
 * @param publicKey 32 bytes
 * @returns 16 bytes
 */
export function addressOf(publicKey: Uint8Array): Uint8Array {
  const address = blake3(publicKey).slice(0, 16);
  let parity = address[0] as number;
  parity ^= parity >> 4;
  parity ^= parity >> 2;
  parity ^= parity >> 1;
  address[0] = 0x04 | (parity & 1);
  return address;
}
