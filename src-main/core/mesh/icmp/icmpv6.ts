import { putU16, u16 } from '../wire/big-endian.ts';

/* ICMPv6 errors as the node itself makes them (RFC 4443). The user-space IP stack has its own, for its sockets. */

export const ipv6HeaderBytes = 40;
const icmpHeaderBytes = 8;
const icmpProtocol = 58;
/** The smallest MTU of IPv6 (RFC 8200): an error with what it quotes never exceeds it. */
const maxErrorBytes = 1280;
/** Bytes of the offending packet that an error quotes at most. */
export const maxQuoteBytes = maxErrorBytes - ipv6HeaderBytes - icmpHeaderBytes;

export interface IcmpKind {
  readonly type: number;
  readonly code: number;
}

export const noRoute: IcmpKind = { type: 1, code: 0 };
export const addressUnreachable: IcmpKind = { type: 1, code: 3 };
export const sourceFailedPolicy: IcmpKind = { type: 1, code: 5 };
export const hopLimitExceeded: IcmpKind = { type: 3, code: 0 };

/** The sum of RFC 1071 over `bytes`, not folded. */
function sum(bytes: Uint8Array, from: number, to: number): number {
  let total = 0;
  for (let at = from; at + 1 < to; at += 2) total += u16(bytes, at);
  return (to - from) % 2 === 1 ? total + ((bytes[to - 1] as number) << 8) : total;
}

/** The ICMPv6 checksum of an IPv6 packet whose payload begins at 40 (RFC 8200 section 8.1), its own field taken as it is. */
export function icmpChecksum(packet: Uint8Array): number {
  let total = sum(packet, 8, packet.length) + (packet.length - ipv6HeaderBytes) + icmpProtocol;
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return ~total & 0xffff;
}

/**
 * An IPv6 packet with an ICMPv6 error that quotes `offending`, cut to what fits.
 *
 * @param source 16 bytes @param destination 16 bytes
 */
export function icmpError(
  kind: IcmpKind,
  source: Uint8Array,
  destination: Uint8Array,
  hopLimit: number,
  offending: Uint8Array,
): Uint8Array {
  const quote = offending.subarray(0, maxQuoteBytes);
  const out = new Uint8Array(ipv6HeaderBytes + icmpHeaderBytes + quote.length);
  out[0] = 0x60;
  putU16(out, 4, icmpHeaderBytes + quote.length);
  out[6] = icmpProtocol;
  out[7] = hopLimit;
  out.set(source, 8);
  out.set(destination, 24);
  out[40] = kind.type;
  out[41] = kind.code;
  out.set(quote, ipv6HeaderBytes + icmpHeaderBytes);
  putU16(out, 42, icmpChecksum(out));
  return out;
}
