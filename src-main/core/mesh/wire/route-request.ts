import { ipv6, readPrefix, wildcard } from './address-encoding.ts';
import { type Prefix, prefixBytes } from './prefix.ts';

/**
 * Asks for a route to a prefix, or for every route. The first byte is not in RFC 8966.
 *
 *   0  1  generation: how often it was passed on
 *   1  1  address encoding: 2, or 0 for every route
 *   2  1  prefix length in bits, 0 with encoding 0
 *   3  P  prefix, P = ceil(length / 8)
 */
export interface RouteRequest {
  readonly type: 'route-request';
  readonly generation: number;
  /** null asks for every route. */
  readonly prefix: Prefix | null;
}

export const routeRequestType = 9;

export function encodeRouteRequest(message: RouteRequest): Uint8Array {
  const { prefix } = message;
  const bytes = prefix === null ? 0 : prefixBytes(prefix.length);
  const out = new Uint8Array(3 + bytes);
  out[0] = message.generation;
  out[1] = prefix === null ? wildcard : ipv6;
  out[2] = prefix?.length ?? 0;
  if (prefix !== null) out.set(prefix.bytes.subarray(0, bytes), 3);
  return out;
}

export function decodeRouteRequest(body: Uint8Array): RouteRequest | null {
  if (body.length < 3) return null;
  const generation = body[0] as number;
  const encoding = body[1] as number;
  if (encoding === wildcard) return { type: 'route-request', generation, prefix: null };
  const prefix = readPrefix(body, 3, encoding, body[2] as number);
  return prefix === null ? null : { type: 'route-request', generation, prefix };
}
