import type { Undelivered } from '../forward/ports.ts';
import { isOverlayAddress } from '../identity/address.ts';
import type { NodeIdentity } from '../identity/node-identity.ts';
import { contains } from '../wire/prefix.ts';
import {
  addressUnreachable,
  hopLimitExceeded,
  icmpError,
  ipv6HeaderBytes,
  noRoute,
  sourceFailedPolicy,
} from './icmpv6.ts';

/* Where the node meets an IP stack, be it the user-space one or a TUN: which of its packets go out, and what it is told. */

export type HostPacket =
  | { readonly ok: true; readonly source: Uint8Array; readonly destination: Uint8Array; readonly hopLimit: number }
  /** @property answer an ICMPv6 packet for the stack; null for what deserves no answer */
  | { readonly ok: false; readonly answer: Uint8Array | null };

/**
 * Look at an IPv6 packet that the stack wants sent.
 *
 * Stricter than the daemon in one thing: the source must be ours, not just of the overlay. Another's address would only fail
 * to be opened at the far end.
 */
export function checkHostPacket(packet: Uint8Array, self: NodeIdentity): HostPacket {
  if (packet.length < ipv6HeaderBytes || (packet[0] as number) >> 4 !== 6) return { ok: false, answer: null };
  const [source, destination] = [packet.subarray(8, 24), packet.subarray(24, 40)];
  const hopLimit = packet[7] as number;
  // Multicast and the like have nobody who could be told.
  const answers = isOverlayAddress(source);
  if (!contains(self.subnet, source)) {
    return { ok: false, answer: answers ? icmpError(sourceFailedPolicy, self.address, source, 64, packet) : null };
  }
  if (contains(self.subnet, destination)) {
    return { ok: false, answer: icmpError(addressUnreachable, self.address, source, 64, packet) };
  }
  if (!isOverlayAddress(destination))
    return { ok: false, answer: icmpError(noRoute, source, source, hopLimit, packet) };
  if (hopLimit < 2) return { ok: false, answer: icmpError(hopLimitExceeded, source, source, hopLimit, packet) };
  return { ok: true, source, destination, hopLimit };
}

/**
 * What the stack is told of a packet of its own that was not delivered: in the name of the router that said so, or where it
 * was us, as the daemon does, in the sender's own.
 *
 * @returns an ICMPv6 packet; null when it was no packet of the stack's
 */
export function errorForHost(lost: Undelivered): Uint8Array | null {
  if (lost.type !== 'ipv6' || lost.payload.length < ipv6HeaderBytes) return null;
  const source = lost.payload.subarray(8, 24);
  const hopLimit = lost.router === null ? (lost.payload[7] as number) : 64;
  return icmpError(lost.kind, lost.router ?? source, source, hopLimit, lost.payload);
}
