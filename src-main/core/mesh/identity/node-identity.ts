import { x25519PublicKey } from '#core/crypto/agree.ts';
import { type Prefix, subnetOf } from '../wire/prefix.ts';
import { createRouterId, type RouterId } from '../wire/router-id.ts';
import { addressOf } from './address.ts';

/** What a node is on the mesh, in one run of the program. */
export interface NodeIdentity {
  /** 32 bytes, the X25519 scalar as stored, not clamped. */
  readonly secret: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 16 bytes. */
  readonly address: Uint8Array;
  /** The /64 the node answers for and announces. */
  readonly subnet: Prefix;
  readonly routerId: RouterId;
}

/** @param secret 32 bytes @param random fresh randomness: the router id is another at every start */
export function createNodeIdentity(secret: Uint8Array, random: (n: number) => Uint8Array): NodeIdentity {
  const publicKey = x25519PublicKey(secret);
  const address = addressOf(publicKey);
  return { secret, publicKey, address, subnet: subnetOf(address), routerId: createRouterId(publicKey, random(6)) };
}
