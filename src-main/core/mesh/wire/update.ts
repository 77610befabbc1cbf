import { ipv6, readPrefix } from './address-encoding.ts';
import { putU16, u16 } from './big-endian.ts';
import { type Prefix, prefixBytes } from './prefix.ts';
import { type RouterId, routerIdBytes, routerIdOf } from './router-id.ts';

/**
 * A route on offer, or its withdrawal. Unlike RFC 8966 the router id stands in every one, nothing is inherited from earlier
 * ones, and prefixes are not compressed.
 *
 *   0     1  address encoding, 2
 *   1     1  flags, 0, ignored
 *   2     1  prefix length in bits
 *   3     1  bytes omitted, 0
 *   4     2  interval, centiseconds; 0: will not be said again
 *   6     2  seqno
 *   8     2  metric; 0xffff withdraws
 *  10     P  prefix, P = ceil(length / 8)
 *  10+P  40  router id
 */
export interface Update {
  readonly type: 'update';
  readonly prefix: Prefix;
  readonly interval: number;
  readonly seqno: number;
  /** From the sender to the owner, the sender's link cost included. */
  readonly metric: number;
  readonly routerId: RouterId;
}

export const updateType = 8;

export function encodeUpdate(message: Update): Uint8Array {
  const bytes = prefixBytes(message.prefix.length);
  const out = new Uint8Array(10 + bytes + routerIdBytes);
  out[0] = ipv6;
  out[2] = message.prefix.length;
  putU16(out, 4, message.interval);
  putU16(out, 6, message.seqno);
  putU16(out, 8, message.metric);
  out.set(message.prefix.bytes.subarray(0, bytes), 10);
  out.set(message.routerId.bytes, 10 + bytes);
  return out;
}

export function decodeUpdate(body: Uint8Array): Update | null {
  if (body.length < 10 || body[3] !== 0) return null;
  const prefix = readPrefix(body, 10, body[0] as number, body[2] as number);
  if (prefix === null) return null;
  const routerAt = 10 + prefixBytes(prefix.length);
  if (body.length < routerAt + routerIdBytes) return null;
  return {
    type: 'update',
    prefix,
    interval: u16(body, 4),
    seqno: u16(body, 6),
    metric: u16(body, 8),
    routerId: routerIdOf(body, routerAt),
  };
}
