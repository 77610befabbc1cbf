import { put16, put32, u8, u16, u32 } from './bytes.ts';

/*
 * IPv6 (RFC 8200 section 3):
 *
 *   0   version (4 bits) = 6, traffic class (8), flow label (20)
 *   4   payload length (2): what follows the 40 bytes, extension headers included
 *   6   next header (1)
 *   7   hop limit (1)
 *   8   source (16)
 *   24  destination (16)
 *   40  payload
 *
 * Extension headers (section 4): next header (1), length (1) in units of 8 bytes not counting the first 8, data.
 */
export const IPV6_HEADER = 40;
/** Every link carries packets of this size (RFC 8200 section 5). */
export const MIN_MTU = 1280;
export const SOURCE_AT = 8;
export const DESTINATION_AT = 24;

export const nextHeader = {
  hopByHop: 0,
  tcp: 6,
  udp: 17,
  routing: 43,
  fragment: 44,
  icmp: 58,
  none: 59,
  options: 60,
} as const;

export interface Ipv6Fields {
  readonly trafficClass: number;
  readonly flowLabel: number;
  readonly payloadLength: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

/** Write the 40 bytes of a header at `at`. */
export function encodeIpv6(b: Uint8Array, at: number, fields: Ipv6Fields): void {
  put32(b, at, 0x60000000 | ((fields.trafficClass & 0xff) << 20) | (fields.flowLabel & 0xfffff));
  put16(b, at + 4, fields.payloadLength);
  b[at + 6] = fields.nextHeader;
  b[at + 7] = fields.hopLimit;
  b.set(fields.source, at + SOURCE_AT);
  b.set(fields.destination, at + DESTINATION_AT);
}

export function decodeIpv6(b: Uint8Array): Ipv6Fields | null {
  if (b.length < IPV6_HEADER || u8(b, 0) >>> 4 !== 6) return null;
  const first = u32(b, 0);
  return {
    trafficClass: (first >>> 20) & 0xff,
    flowLabel: first & 0xfffff,
    payloadLength: u16(b, 4),
    nextHeader: u8(b, 6),
    hopLimit: u8(b, 7),
    source: b.slice(SOURCE_AT, SOURCE_AT + 16),
    destination: b.slice(DESTINATION_AT, DESTINATION_AT + 16),
  };
}

/**
 * What a walk over the headers found: where the upper-layer data lies, or why there is none for us. `problem` asks for an
 * ICMPv6 parameter problem: its code and pointer (offset in the packet of what was not understood).
 */
export type Walk =
  | { readonly kind: 'upper'; readonly protocol: number; readonly start: number; readonly end: number }
  | { readonly kind: 'problem'; readonly code: 0 | 1 | 2; readonly pointer: number; readonly evenToMulticast: boolean }
  | { readonly kind: 'drop'; readonly why: 'short' | 'version' | 'length' | 'fragment' | 'headers' | 'option' };

/** More extension headers than this have no honest use; each costs a step. */
const maxHeaders = 8;

const drop = (why: Extract<Walk, { kind: 'drop' }>['why']): Walk => ({ kind: 'drop', why });

/**
 * Walk from the fixed header to the upper-layer data. Bytes behind the payload length are padding and not looked at. A
 * real fragment is dropped: this host does not reassemble (its paths carry the link MTU or answer "packet too big");
 * a fragment that is whole passes (RFC 6946).
 */
export function walkHeaders(b: Uint8Array): Walk {
  if (b.length < IPV6_HEADER) return drop('short');
  if (u8(b, 0) >>> 4 !== 6) return drop('version');
  const end = IPV6_HEADER + u16(b, 4);
  if (end > b.length) return drop('length');
  let protocol = u8(b, 6);
  let protocolAt = 6;
  let at = IPV6_HEADER;
  for (let count = 0; ; count++) {
    switch (protocol) {
      case nextHeader.tcp:
      case nextHeader.udp:
      case nextHeader.icmp:
        return { kind: 'upper', protocol, start: at, end };
      case nextHeader.none:
        return { kind: 'upper', protocol, start: end, end };
      case nextHeader.hopByHop:
      case nextHeader.options:
      case nextHeader.routing:
      case nextHeader.fragment:
        break;
      default:
        return { kind: 'problem', code: 1, pointer: protocolAt, evenToMulticast: false };
    }
    // Hop-by-hop stands first or nowhere (RFC 8200 section 4.3).
    if (protocol === nextHeader.hopByHop && count > 0) {
      return { kind: 'problem', code: 1, pointer: protocolAt, evenToMulticast: false };
    }
    if (count >= maxHeaders) return drop('headers');
    if (at + 8 > end) return drop('length');
    const size = protocol === nextHeader.fragment ? 8 : (u8(b, at + 1) + 1) * 8;
    if (at + size > end) return drop('length');
    const wrong = lookInto(b, protocol, at, size);
    if (wrong !== null) return wrong;
    protocolAt = at;
    protocol = u8(b, at);
    at += size;
  }
}

function lookInto(b: Uint8Array, protocol: number, at: number, size: number): Walk | null {
  if (protocol === nextHeader.fragment) {
    // Offset (13 bits) and "more fragments" both zero: the whole packet in one fragment.
    return (u16(b, at + 2) & 0xfff9) === 0 ? null : drop('fragment');
  }
  if (protocol === nextHeader.routing) {
    // Segments left means that we are to forward it; source routes are refused (RFC 5095).
    return u8(b, at + 3) === 0 ? null : { kind: 'problem', code: 0, pointer: at + 2, evenToMulticast: false };
  }
  return options(b, at + 2, at + size);
}

/** Options of hop-by-hop and destination headers: the two high bits of a type say what to do if it is unknown (section 4.2). */
function options(b: Uint8Array, from: number, end: number): Walk | null {
  for (let at = from; at < end; ) {
    const type = u8(b, at);
    if (type === 0) {
      at++;
      continue;
    }
    if (at + 2 > end || at + 2 + u8(b, at + 1) > end) return drop('option');
    // PadN and router alert are known and nothing to us.
    if (type !== 1 && type !== 5) {
      const action = type >>> 6;
      if (action === 1) return drop('option');
      if (action >= 2) return { kind: 'problem', code: 2, pointer: at, evenToMulticast: action === 2 };
    }
    at += 2 + u8(b, at + 1);
  }
  return null;
}
