import { u8, u16 } from '../netstack/ip/bytes.ts';
import { icmpType } from '../netstack/ip/icmpv6.ts';
import { DESTINATION_AT, IPV6_HEADER, nextHeader, SOURCE_AT, walkHeaders } from '../netstack/ip/ipv6.ts';

/** What a firewall has to know of a packet. Ports are those of sender and receiver; of an echo both are its identifier. */
export interface PacketFacts {
  readonly kind: 'tcp' | 'udp' | 'echo-request' | 'echo-reply' | 'icmp-error';
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** TCP's flag bits (RFC 9293 section 3.1), else 0. */
  readonly flags: number;
  /** Where the upper-layer header begins. */
  readonly start: number;
}

/** Why a packet is not carried: it is no whole IPv6 packet, it is part of one, or it is of a kind that the switch does not know. */
export type Unfit = 'malformed' | 'fragment' | 'unsupported';

const leastBytes: Readonly<Record<number, number>> = {
  [nextHeader.tcp]: 20,
  [nextHeader.udp]: 8,
  [nextHeader.icmp]: 8,
};

/**
 * Look into an IPv6 packet. Only what can be judged is carried: TCP, UDP, echo, and ICMPv6 errors. Fragments are not (RFC 8900): the parts
 * after the first show no ports.
 */
export function factsOf(packet: Uint8Array): PacketFacts | Unfit {
  const walk = walkHeaders(packet);
  if (walk.kind === 'drop') return walk.why === 'fragment' ? 'fragment' : 'malformed';
  if (walk.kind === 'problem') return 'unsupported';
  const { protocol, start, end } = walk;
  const least = leastBytes[protocol];
  if (least === undefined) return 'unsupported';
  if (end - start < least) return 'malformed';
  if (protocol !== nextHeader.icmp) {
    const [sourcePort, destinationPort] = [u16(packet, start), u16(packet, start + 2)];
    const isTcp = protocol === nextHeader.tcp;
    const flags = isTcp ? u8(packet, start + 13) : 0;
    return { kind: isTcp ? 'tcp' : 'udp', sourcePort, destinationPort, flags, start };
  }
  const type = u8(packet, start);
  const identifier = u16(packet, start + 4);
  const echo = { sourcePort: identifier, destinationPort: identifier, flags: 0, start };
  if (type === icmpType.echoRequest) return { kind: 'echo-request', ...echo };
  if (type === icmpType.echoReply) return { kind: 'echo-reply', ...echo };
  if (type >= icmpType.unreachable && type <= icmpType.parameterProblem) {
    return { kind: 'icmp-error', sourcePort: 0, destinationPort: 0, flags: 0, start };
  }
  return 'unsupported';
}

/** The packet that an ICMPv6 error is about, as far as it is quoted. */
export interface QuotedFacts {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly kind: Exclude<PacketFacts['kind'], 'icmp-error'>;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/**
 * Read the quote at `at`. Null where it does not show whose packet it was: then the error is nobody's. A quoted packet with extension
 * headers shows nothing here.
 */
export function quotedFacts(packet: Uint8Array, at: number): QuotedFacts | null {
  if (packet.length < at + IPV6_HEADER + 8 || u8(packet, at) >>> 4 !== 6) return null;
  const source = packet.subarray(at + SOURCE_AT, at + SOURCE_AT + 16);
  const destination = packet.subarray(at + DESTINATION_AT, at + DESTINATION_AT + 16);
  const upper = at + IPV6_HEADER;
  const protocol = u8(packet, at + 6);
  if (protocol === nextHeader.tcp || protocol === nextHeader.udp) {
    const kind = protocol === nextHeader.tcp ? 'tcp' : 'udp';
    return { source, destination, kind, sourcePort: u16(packet, upper), destinationPort: u16(packet, upper + 2) };
  }
  const type = u8(packet, upper);
  if (protocol !== nextHeader.icmp || (type !== icmpType.echoRequest && type !== icmpType.echoReply)) return null;
  const identifier = u16(packet, upper + 4);
  const kind = type === icmpType.echoRequest ? 'echo-request' : 'echo-reply';
  return { source, destination, kind, sourcePort: identifier, destinationPort: identifier };
}
