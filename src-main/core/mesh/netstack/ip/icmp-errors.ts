import { isMulticast, isUnspecified } from './address.ts';
import { u8 } from './bytes.ts';
import { encodeIcmp, icmpType, QUOTE_LIMIT } from './icmpv6.ts';
import { DESTINATION_AT, IPV6_HEADER, nextHeader, SOURCE_AT } from './ipv6.ts';

/** A token bucket: `burst` at once, `perSecond` in the long run. The clock is the caller's, in milliseconds. */
export function createBucket(perSecond: number, burst: number): { take(now: number): boolean } {
  let tokens = burst;
  let at: number | null = null;
  return {
    take(now) {
      if (at !== null && now > at) tokens = Math.min(burst, tokens + ((now - at) * perSecond) / 1000);
      at = now;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

export interface IcmpError {
  readonly type: 1 | 2 | 3 | 4;
  readonly code: number;
  /** MTU of "packet too big", pointer of "parameter problem", else 0. */
  readonly word?: number;
  /** Section 2.4 e.3 exempts packet too big and one parameter problem from the rule against answering multicast. */
  readonly evenToMulticast?: boolean;
}

/**
 * The error packet for `offending`, or null where RFC 4443 section 2.4 e forbids one: about an ICMP error, about multicast, or to a
 * source that names no single node. Rate limiting (section 2.4 f) is the caller's bucket.
 */
export function icmpErrorFor(offending: Uint8Array, from: Uint8Array, error: IcmpError): Uint8Array | null {
  if (offending.length < IPV6_HEADER) return null;
  if (isUnspecified(offending, SOURCE_AT) || isMulticast(offending, SOURCE_AT)) return null;
  if (isMulticast(offending, DESTINATION_AT) && !(error.type === icmpType.tooBig || error.evenToMulticast)) return null;
  if (carriesError(offending)) return null;
  return encodeIcmp(
    { source: from, destination: offending.subarray(SOURCE_AT, SOURCE_AT + 16), hopLimit: 64 },
    { type: error.type, code: error.code, word: error.word ?? 0, body: offending.subarray(0, QUOTE_LIMIT) },
  );
}

/** Whether the packet is itself an ICMPv6 error, looking behind extension headers as far as they can be followed. */
function carriesError(b: Uint8Array): boolean {
  let protocol = u8(b, 6);
  let at = IPV6_HEADER;
  for (let count = 0; count < 8 && at + 8 <= b.length; count++) {
    if (protocol === nextHeader.icmp) return u8(b, at) < 128;
    const known =
      protocol === nextHeader.hopByHop || protocol === nextHeader.options || protocol === nextHeader.routing;
    if (!known && protocol !== nextHeader.fragment) return false;
    protocol = u8(b, at);
    at += known ? (u8(b, at + 1) + 1) * 8 : 8;
  }
  // Cut off before its upper-layer header: it may be an error, and silence is the safe answer.
  return true;
}
