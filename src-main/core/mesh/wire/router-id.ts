import { toHex } from '#core/crypto/ids.ts';

/**
 * Names the source of a route: who owns the prefix, and in which run of the program.
 *
 *   0  32  X25519 public key of the owner
 *  32   2  zone, 0
 *  34   6  random, drawn at every start, so that a restarted owner's seqno 0 is not older than what others remember
 */
export interface RouterId {
  /** 40 bytes. */
  readonly bytes: Uint8Array;
  /** Names the source in maps: 80 hex digits. */
  readonly key: string;
}

export const routerIdBytes = 40;
export const publicKeyBytes = 32;

/** @param bytes 40 of them at `at`; they are copied */
export function routerIdOf(bytes: Uint8Array, at = 0): RouterId {
  const own = bytes.slice(at, at + routerIdBytes);
  return { bytes: own, key: toHex(own) };
}

/** A router id for this run. @param random 6 fresh bytes */
export function createRouterId(publicKey: Uint8Array, random: Uint8Array): RouterId {
  const bytes = new Uint8Array(routerIdBytes);
  bytes.set(publicKey.subarray(0, 32));
  bytes.set(random.subarray(0, 6), 34);
  return routerIdOf(bytes);
}

export function publicKeyOf(id: RouterId): Uint8Array {
  return id.bytes.subarray(0, publicKeyBytes);
}

/** As the daemon writes it: key, zone and random in hex, with hyphens between. */
export function routerIdText(id: RouterId): string {
  return `${id.key.slice(0, 64)}-${id.key.slice(64, 68)}-${id.key.slice(68)}`;
}
