import { put16, put32, u8, u16, u32 } from './bytes.ts';
import { finish, isRight, pseudoSum, sumOf } from './checksum.ts';
import { DESTINATION_AT, encodeIpv6, IPV6_HEADER, MIN_MTU, nextHeader, SOURCE_AT } from './ipv6.ts';

/*
 * ICMPv6 (RFC 4443 section 2.1), after the IPv6 header:
 *
 *   0   type (1); 0..127 are errors, 128..255 are informational
 *   1   code (1)
 *   2   checksum (2) over the pseudo-header and the whole message
 *   4   by type: MTU (packet too big), pointer (parameter problem), identifier and sequence number (echo), else zero
 *   8   body: errors quote as much of the offending packet as fits in 1280 bytes; echo carries its data
 */
export const ICMP_HEADER = 8;

export const icmpType = {
  unreachable: 1,
  tooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
} as const;

/** Codes of "destination unreachable" (RFC 4443 section 3.1). */
export const unreachableCode = {
  noRoute: 0,
  prohibited: 1,
  beyondScope: 2,
  address: 3,
  port: 4,
  policy: 5,
  reject: 6,
} as const;

export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  /** The 32 bits at offset 4: MTU, pointer, or identifier and sequence number. */
  readonly word: number;
  readonly body: Uint8Array;
}

/** The message at `start`..`end` of an IPv6 packet, its body lent from it; null when short or its checksum is wrong. */
export function decodeIcmp(packet: Uint8Array, start: number, end: number): IcmpMessage | null {
  if (end - start < ICMP_HEADER || end > packet.length) return null;
  const sum = pseudoSum(packet, SOURCE_AT, end - start, nextHeader.icmp) + sumOf(packet, start, end - start);
  if (!isRight(sum)) return null;
  return {
    type: u8(packet, start),
    code: u8(packet, start + 1),
    word: u32(packet, start + 4),
    body: packet.subarray(start + ICMP_HEADER, end),
  };
}

export interface IcmpEnvelope {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly hopLimit: number;
}

/** A whole IPv6 packet with one ICMPv6 message. */
export function encodeIcmp(envelope: IcmpEnvelope, message: IcmpMessage): Uint8Array {
  const length = ICMP_HEADER + message.body.length;
  const packet = new Uint8Array(IPV6_HEADER + length);
  encodeIpv6(packet, 0, {
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: length,
    nextHeader: nextHeader.icmp,
    ...envelope,
  });
  packet[IPV6_HEADER] = message.type;
  packet[IPV6_HEADER + 1] = message.code;
  put32(packet, IPV6_HEADER + 4, message.word);
  packet.set(message.body, IPV6_HEADER + ICMP_HEADER);
  const sum = pseudoSum(packet, SOURCE_AT, length, nextHeader.icmp) + sumOf(packet, IPV6_HEADER, length);
  put16(packet, IPV6_HEADER + 2, finish(sum));
  return packet;
}

/** How much of an offending packet an error quotes: the answer is at most 1280 bytes long (RFC 4443 section 2.4 c). */
export const QUOTE_LIMIT = MIN_MTU - IPV6_HEADER - ICMP_HEADER;

/** What an ICMPv6 error quotes of a packet of ours: the flow it was about. All fields are as we had sent them. */
export interface Quote {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP only: the sequence number; else 0. */
  readonly sequence: number;
}

/**
 * Read the quoted packet of an error. We send no extension headers, so a quote that does not have its upper-layer header at
 * offset 40 is not of ours.
 */
export function decodeQuote(body: Uint8Array): Quote | null {
  if (body.length < IPV6_HEADER + 8 || u8(body, 0) >>> 4 !== 6) return null;
  const protocol = u8(body, 6);
  return {
    source: body.slice(SOURCE_AT, SOURCE_AT + 16),
    destination: body.slice(DESTINATION_AT, DESTINATION_AT + 16),
    protocol,
    sourcePort: u16(body, IPV6_HEADER),
    destinationPort: u16(body, IPV6_HEADER + 2),
    sequence: protocol === nextHeader.tcp ? u32(body, IPV6_HEADER + 4) : 0,
  };
}
