import { put16, u16 } from './bytes.ts';
import { finish, isRight, pseudoSum, sumOf } from './checksum.ts';
import { encodeIpv6, IPV6_HEADER, nextHeader, SOURCE_AT } from './ipv6.ts';

/*
 * UDP (RFC 768; over IPv6 RFC 8200 section 8.1: the checksum must be there, zero is sent as 0xffff):
 *
 *   0   source port (2)
 *   2   destination port (2)
 *   4   length (2), header included
 *   6   checksum (2) over the pseudo-header and the whole datagram
 *   8   data
 */
export const UDP_HEADER = 8;
/** The longest data a datagram can hold without jumbograms. */
export const UDP_MAX = 65_535 - UDP_HEADER;

export interface Datagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly data: Uint8Array;
}

/** The datagram at `start`..`end` of an IPv6 packet, its data lent from it; null when it is malformed. */
export function decodeUdp(packet: Uint8Array, start: number, end: number): Datagram | null {
  if (end - start < UDP_HEADER || end > packet.length) return null;
  const length = u16(packet, start + 4);
  if (length < UDP_HEADER || length > end - start || u16(packet, start + 6) === 0) return null;
  if (!isRight(pseudoSum(packet, SOURCE_AT, length, nextHeader.udp) + sumOf(packet, start, length))) return null;
  return {
    sourcePort: u16(packet, start),
    destinationPort: u16(packet, start + 2),
    data: packet.subarray(start + UDP_HEADER, start + length),
  };
}

export interface UdpEnvelope {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly hopLimit: number;
}

/** A whole IPv6 packet with one datagram. @throws RangeError when the data is longer than {@link UDP_MAX}. */
export function encodeUdp(envelope: UdpEnvelope, datagram: Datagram): Uint8Array {
  if (datagram.data.length > UDP_MAX) throw new RangeError('a datagram of more than 65,527 bytes');
  const length = UDP_HEADER + datagram.data.length;
  const packet = new Uint8Array(IPV6_HEADER + length);
  encodeIpv6(packet, 0, {
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: length,
    nextHeader: nextHeader.udp,
    ...envelope,
  });
  put16(packet, IPV6_HEADER, datagram.sourcePort);
  put16(packet, IPV6_HEADER + 2, datagram.destinationPort);
  put16(packet, IPV6_HEADER + 4, length);
  packet.set(datagram.data, IPV6_HEADER + UDP_HEADER);
  const sum = finish(pseudoSum(packet, SOURCE_AT, length, nextHeader.udp) + sumOf(packet, IPV6_HEADER, length));
  put16(packet, IPV6_HEADER + 6, sum === 0 ? 0xffff : sum);
  return packet;
}
