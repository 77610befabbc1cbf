import { ipv6, readPrefix } from './address-encoding.ts';
import { putU16, u16 } from './big-endian.ts';
import { type Prefix, prefixBytes } from './prefix.ts';
import { type RouterId, routerIdBytes, routerIdOf } from './router-id.ts';

/**
 * Asks the owner of a prefix, hop by hop, to announce it with a newer seqno. Here the router id comes before the prefix.
 *
 *   0  1  address encoding, 2
 *   1  1  prefix length in bits
 *   2  2  the seqno wanted, or a newer one
 *   4  1  hop count; 0 is invalid
 *   5  1  reserved, 0
 *   6 40  router id
 *  46  P  prefix, P = ceil(length / 8)
 */
export interface SeqnoRequest {
  readonly type: 'seqno-request';
  readonly prefix: Prefix;
  readonly seqno: number;
  readonly hops: number;
  readonly routerId: RouterId;
}

export const seqnoRequestType = 10;
const prefixAt = 6 + routerIdBytes;

export function encodeSeqnoRequest(message: SeqnoRequest): Uint8Array {
  const bytes = prefixBytes(message.prefix.length);
  const out = new Uint8Array(prefixAt + bytes);
  out[0] = ipv6;
  out[1] = message.prefix.length;
  putU16(out, 2, message.seqno);
  out[4] = message.hops;
  out.set(message.routerId.bytes, 6);
  out.set(message.prefix.bytes.subarray(0, bytes), prefixAt);
  return out;
}

export function decodeSeqnoRequest(body: Uint8Array): SeqnoRequest | null {
  if (body.length < prefixAt || body[4] === 0) return null;
  const prefix = readPrefix(body, prefixAt, body[0] as number, body[1] as number);
  if (prefix === null) return null;
  return {
    type: 'seqno-request',
    prefix,
    seqno: u16(body, 2),
    hops: body[4] as number,
    routerId: routerIdOf(body, 6),
  };
}
