import { formatAddress } from '../ip/address.ts';
import { put16, u8, u16 } from '../ip/bytes.ts';
import type { Target } from './ports.ts';

/*
 * SOCKS 5 (RFC 1928), what the client says:
 *
 *   greeting        version (1) = 5, count (1), methods (count): 0 none, 2 user name and password
 *   authentication  version (1) = 1, length (1), user name, length (1), password   (RFC 1929)
 *   request         version (1) = 5, command (1): 1 connect, 2 bind, 3 UDP; reserved (1) = 0, address, port (2)
 *
 * and what the server answers:
 *
 *   choice          version (1) = 5, method (1), 255 for none of them
 *   authentication  version (1) = 1, status (1), 0 for welcome
 *   reply           version (1) = 5, code (1), reserved (1), address and port that it is bound to
 *
 * An address is its type (1), then: 1 IPv4 (4), 3 name with its length (1) before it, 4 IPv6 (16).
 */
const VERSION = 5;
export const NO_METHOD = 255;
export const PASSWORD = 2;

/** Longer than the longest message of a client: a name of 255 bytes, or user name and password of 255 each. */
export const MESSAGE_LIMIT = 513;

export const reply = {
  succeeded: 0,
  failure: 1,
  notAllowed: 2,
  hostUnreachable: 4,
  refused: 5,
  timedOut: 6,
  badCommand: 7,
  badAddress: 8,
} as const;
export type ReplyCode = (typeof reply)[keyof typeof reply];

/** What the bytes so far are: a whole message of `length` bytes, the beginning of one, or no SOCKS at all. */
export type Decoded<T> =
  | { readonly kind: 'message'; readonly length: number; readonly value: T }
  | { readonly kind: 'more' }
  | { readonly kind: 'wrong'; readonly code: ReplyCode };

const more = { kind: 'more' } as const;
const wrong = (code: ReplyCode) => ({ kind: 'wrong', code }) as const;

/** The methods that a client can speak. */
export function decodeGreeting(b: Uint8Array): Decoded<readonly number[]> {
  if (b.length >= 1 && b[0] !== VERSION) return wrong(reply.failure);
  if (b.length < 2) return more;
  const length = 2 + u8(b, 1);
  return b.length < length ? more : { kind: 'message', length, value: [...b.subarray(2, length)] };
}

export interface Credentials {
  readonly user: Uint8Array;
  readonly password: Uint8Array;
}

export function decodeAuthentication(b: Uint8Array): Decoded<Credentials> {
  if (b.length >= 1 && b[0] !== 1) return wrong(reply.failure);
  if (b.length < 2) return more;
  const userEnd = 2 + u8(b, 1);
  if (b.length < userEnd + 1) return more;
  const length = userEnd + 1 + u8(b, userEnd);
  if (b.length < length) return more;
  return { kind: 'message', length, value: { user: b.slice(2, userEnd), password: b.slice(userEnd + 1, length) } };
}

/** Where a client wants to connect to. Other commands are refused here. */
export function decodeRequest(b: Uint8Array): Decoded<Target> {
  if (b.length >= 1 && b[0] !== VERSION) return wrong(reply.failure);
  if (b.length >= 2 && b[1] !== 1) return wrong(reply.badCommand);
  if (b.length < 5) return more;
  const type = u8(b, 3);
  const size = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? 1 + u8(b, 4) : 0;
  if (size === 0) return wrong(reply.badAddress);
  const length = 4 + size + 2;
  if (b.length < length) return more;
  const host = hostOf(b, type, size);
  const port = u16(b, 4 + size);
  if (host === null || port === 0) return wrong(reply.badAddress);
  return { kind: 'message', length, value: { host, port } };
}

/** A name must be one that could stand in a host name: printable ASCII, no spaces. */
function hostOf(b: Uint8Array, type: number, size: number): string | null {
  if (type === 1) return b.subarray(4, 8).join('.');
  if (type === 4) return formatAddress(b, 4);
  const name = String.fromCharCode(...b.subarray(5, 4 + size));
  return /^[A-Za-z0-9._:-]{1,255}$/.test(name) ? name : null;
}

export const encodeChoice = (method: number): Uint8Array => Uint8Array.of(VERSION, method);

export const encodeStatus = (welcome: boolean): Uint8Array => Uint8Array.of(1, welcome ? 0 : 1);

/** A reply with no bound address: clients that only connect do not look at it. */
export function encodeReply(code: ReplyCode): Uint8Array {
  const b = Uint8Array.of(VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0);
  put16(b, 8, 0);
  return b;
}
