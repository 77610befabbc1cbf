import { aesGcmTagBytes } from '#core/crypto/aead.ts';
import { putU64, u64 } from '../wire/big-endian.ts';
import { firstMessageBytes, secondMessageBytes } from './handshake.ts';

/*
 * What two Hypha nodes say to each other inside user data of type 72 (wire/user-data.ts). Handshake packets:
 *
 *   0  1  kind: 1 hello, 2 challenge, 3 init, 4 response
 *   1  1  version, 1
 *   2  1  side: 1 when the sender's public key is the greater of the two, else 0. The seal around all this is the same in both
 *         directions: without it, what we said could be handed back to us as the peer's
 *   3  1  reserved, 0
 *   4 16  nonce: the initiator's, random, names this handshake
 *
 *   hello (20 bytes)        nothing more
 *   challenge (36)   20 16  cookie, for the init to show (cookies.ts)
 *   init (1288)      20 16  cookie
 *                    36     Noise message 1 (handshake.ts), payload: index (3), 0
 *   response (1176)  20     Noise message 2, payload: index (3), 0
 *
 * Data packets:
 *
 *   0  1  kind: 16 IPv6 packet, 17 message fragment, 18 nothing (keeps the session alive)
 *   1  3  the receiver's index of the session
 *   4  8  counter, from 0
 *  12  n  ciphertext, then 16 bytes of tag: AES-256-GCM under the key of this direction, no additional data
 *
 * The nonce is kind, three zero bytes, counter: it authenticates both. A wrong index finds no key, or another's.
 * All lengths are exact but those of data. Integers are big-endian. Frozen with docs/formats/mesh-session.md.
 */

export const sessionVersion = 1;
export const headBytes = 4;
export const nonceBytes = 16;
export const cookieBytes = 16;
const cookieAt = headBytes + nonceBytes;
const indexBytes = 3;
/** Payload of both Noise messages. */
const introBytes = indexBytes + 1;

const helloBytes = cookieAt;
const challengeBytes = cookieAt + cookieBytes;
/** What of an init goes into the prologue of the handshake: all before the Noise message. */
export const initHeadBytes = challengeBytes;
export const initBytes = initHeadBytes + firstMessageBytes + introBytes;
export const responseBytes = cookieAt + secondMessageBytes + introBytes;

export const dataHeadBytes = 1 + indexBytes + 8;
/** What a session adds to a payload. */
export const sessionOverhead = dataHeadBytes + aesGcmTagBytes;

export type DataType = 'ipv6' | 'message' | 'keepalive';
const dataKinds: Readonly<Record<DataType, number>> = { ipv6: 16, message: 17, keepalive: 18 };
const dataTypes: readonly DataType[] = ['ipv6', 'message', 'keepalive'];

export type HandshakePacket =
  | { readonly kind: 'hello'; readonly greater: boolean; readonly nonce: Uint8Array }
  | { readonly kind: 'challenge'; readonly greater: boolean; readonly nonce: Uint8Array; readonly cookie: Uint8Array }
  | {
      readonly kind: 'init';
      readonly greater: boolean;
      readonly nonce: Uint8Array;
      readonly cookie: Uint8Array;
      readonly noise: Uint8Array;
    }
  | { readonly kind: 'response'; readonly greater: boolean; readonly nonce: Uint8Array; readonly noise: Uint8Array };

const kinds = ['hello', 'challenge', 'init', 'response'] as const;
const lengths: Readonly<Record<HandshakePacket['kind'], number>> = {
  hello: helloBytes,
  challenge: challengeBytes,
  init: initBytes,
  response: responseBytes,
};

/** @throws RangeError when a part has not the length it must have */
export function encodeHandshake(packet: HandshakePacket): Uint8Array {
  const out = new Uint8Array(lengths[packet.kind]);
  putHead(out, packet.kind, packet.greater, packet.nonce);
  let at = cookieAt;
  if (packet.kind === 'challenge' || packet.kind === 'init') {
    if (packet.cookie.length !== cookieBytes) throw new RangeError('a cookie has 16 bytes');
    out.set(packet.cookie, at);
    at += cookieBytes;
  }
  if (packet.kind === 'init' || packet.kind === 'response') {
    if (packet.noise.length !== out.length - at) throw new RangeError('that is no message of this handshake');
    out.set(packet.noise, at);
  }
  return out;
}

function putHead(out: Uint8Array, kind: HandshakePacket['kind'], greater: boolean, nonce: Uint8Array): void {
  if (nonce.length !== nonceBytes) throw new RangeError('a nonce has 16 bytes');
  out[0] = kinds.indexOf(kind) + 1;
  out[1] = sessionVersion;
  out[2] = greater ? 1 : 0;
  out[3] = 0;
  out.set(nonce, headBytes);
}

/** The first 36 bytes of an init, which its Noise message is bound to. */
export function initHead(greater: boolean, nonce: Uint8Array, cookie: Uint8Array): Uint8Array {
  const out = new Uint8Array(initHeadBytes);
  putHead(out, 'init', greater, nonce);
  out.set(cookie, cookieAt);
  return out;
}

/** @returns the packet, its parts views into the bytes; null for what must be dropped */
export function decodeHandshake(bytes: Uint8Array): HandshakePacket | null {
  const kind = kinds[(bytes[0] ?? 0) - 1];
  if (kind === undefined || bytes.length !== lengths[kind] || bytes[1] !== sessionVersion) return null;
  if ((bytes[2] as number) > 1 || bytes[3] !== 0) return null;
  const greater = bytes[2] === 1;
  const nonce = bytes.subarray(headBytes, cookieAt);
  const cookie = bytes.subarray(cookieAt, cookieAt + cookieBytes);
  switch (kind) {
    case 'hello':
      return { kind, greater, nonce };
    case 'challenge':
      return { kind, greater, nonce, cookie };
    case 'init':
      return { kind, greater, nonce, cookie, noise: bytes.subarray(initHeadBytes) };
    case 'response':
      return { kind, greater, nonce, noise: bytes.subarray(cookieAt) };
  }
}

/** The payload of both Noise messages: by which index its sender wants to be addressed, 1 to 2^24 - 1. */
export function encodeIntro(index: number): Uint8Array {
  return Uint8Array.of(index >>> 16, index >>> 8, index, 0);
}

/** @returns null when it is none */
export function decodeIntro(bytes: Uint8Array): number | null {
  if (bytes.length !== introBytes || bytes[3] !== 0) return null;
  const index = u24(bytes, 0);
  return index === 0 ? null : index;
}

export function u24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

/** Whether the bytes claim to be data and not part of a handshake. */
export function isData(bytes: Uint8Array): boolean {
  return (bytes[0] ?? 0) >= dataKinds.ipv6;
}

export interface DataHead {
  readonly type: DataType;
  readonly index: number;
  readonly counter: number;
}

/** Write the 12 bytes before the ciphertext. */
export function putDataHead(target: Uint8Array, head: DataHead): void {
  target[0] = dataKinds[head.type];
  target[1] = head.index >>> 16;
  target[2] = head.index >>> 8;
  target[3] = head.index;
  putU64(target, 4, head.counter);
}

/** @returns null for what must be dropped: unknown kind, too short, a counter that no session reaches */
export function decodeDataHead(bytes: Uint8Array): DataHead | null {
  if (bytes.length < sessionOverhead) return null;
  const type = dataTypes[(bytes[0] as number) - dataKinds.ipv6];
  const counter = u64(bytes, 4);
  return type === undefined || counter === null ? null : { type, index: u24(bytes, 1), counter };
}

/** The AEAD nonce that belongs to a data head, 12 bytes. */
export function putDataNonce(target: Uint8Array, head: Uint8Array): void {
  target.fill(0, 0, 4);
  target[0] = head[0] as number;
  for (let i = 4; i < dataHeadBytes; i++) target[i] = head[i] as number;
}
