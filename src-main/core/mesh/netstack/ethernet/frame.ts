import { put16, u16 } from '../ip/bytes.ts';

/*
 * Ethernet frame (IEEE 802.3), as QEMU's network back end gives it, without preamble and checksum:
 *
 *   0   destination MAC (6)
 *   6   source MAC (6)
 *   12  EtherType (2): 0x86dd is IPv6
 *   14  payload, perhaps padded
 */
export const ETHERNET_HEADER = 14;
export const ETHERTYPE_IPV6 = 0x86dd;

export const etherType = (frame: Uint8Array): number => (frame.length < ETHERNET_HEADER ? -1 : u16(frame, 12));

/** A frame of its own around an IPv6 packet. */
export function encodeFrame(destination: Uint8Array, source: Uint8Array, packet: Uint8Array): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER + packet.length);
  frame.set(destination, 0);
  frame.set(source, 6);
  put16(frame, 12, ETHERTYPE_IPV6);
  frame.set(packet, ETHERNET_HEADER);
  return frame;
}
