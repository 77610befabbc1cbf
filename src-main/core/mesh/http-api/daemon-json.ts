import { isIP, isIPv6 } from 'node:net';
import { asBytes } from '#core/crypto/bytes.ts';
import { fromHex, toHex } from '#core/crypto/ids.ts';
import { addressOf, isOverlayAddress } from '../identity/address.ts';
import { addressText, parseAddress } from '../identity/ipv6-text.ts';
import type { Received, Sent } from '../mailbox/index.ts';
import { badRequest, unprocessable } from './answer.ts';
import type { NodeInfo, PeerInfo, RouteInfo } from './ports.ts';

/*
 * The JSON of the Mycelium daemon's HTTP API, v0.7: camelCase, keys and ids in lower-case hex, binary as padded base64. What it
 * answers to malformed input follows its web framework: 400 for what is no JSON, 422 for JSON of another shape.
 */

export interface Push {
  /** 16 bytes. */
  readonly destination: Uint8Array;
  readonly topic: Uint8Array;
  readonly payload: Uint8Array;
}

/** `{"dst": {"ip": "…"} or {"pk": "…"}, "topic"?: base64, "payload": base64}` */
export function readPush(body: string): Push {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw badRequest('Failed to parse the request body as JSON.');
  }
  if (!isObject(value)) throw unprocessable('Send an object with dst and payload.');
  const { dst, topic, payload } = value;
  const decoded = typeof payload === 'string' ? fromBase64(payload) : null;
  if (decoded === null) throw unprocessable('payload: expected base64.');
  const tag = topic === undefined || topic === null ? new Uint8Array(0) : fromBase64(topic);
  if (tag === null) throw unprocessable('topic: expected base64.');
  return { destination: readDestination(dst), topic: tag, payload: decoded };
}

function readDestination(dst: unknown): Uint8Array {
  const keys = isObject(dst) ? Object.keys(dst) : [];
  if (!isObject(dst) || keys.length !== 1) throw unprocessable('dst: expected {"ip": …} or {"pk": …}.');
  if (typeof dst.pk === 'string') {
    const key = dst.pk.length === 64 ? fromHex(dst.pk.toLowerCase()) : null;
    if (key !== null) return addressOf(key);
  }
  if (typeof dst.ip === 'string' && isIP(dst.ip) !== 0) {
    const address = parseAddress(dst.ip);
    // The daemon takes any address and never sends what is for none of the mesh.
    if (address === null || !isOverlayAddress(address)) throw badRequest('dst: not an address of the mesh (400::/7).');
    return address;
  }
  throw unprocessable('dst: expected an IP address, or a public key of 64 hex digits.');
}

/** @param own the key of this node, which the message was for */
export function messageJson(message: Received, own: Uint8Array): unknown {
  const { id, source, key, destination, topic, data } = message;
  return {
    id,
    srcIp: addressText(source),
    srcPk: toHex(key),
    dstIp: addressText(destination),
    dstPk: toHex(own),
    ...(topic.length === 0 ? {} : { topic: toBase64(topic) }),
    payload: toBase64(data),
  };
}

export function statusJson(sent: Sent): unknown {
  return {
    dst: addressText(sent.destination),
    state: stateJson(sent),
    created: Math.floor(sent.created / 1000),
    deadline: Math.floor(sent.expires / 1000),
    msgLen: sent.size,
  };
}

function stateJson({ state, progress }: Sent): unknown {
  if (state === 'received' || state === 'read') return state;
  if (state !== 'waiting') return 'aborted';
  if (progress === null) return 'pending';
  const { chunks, acked, flying } = progress;
  return { sending: { pending: Math.max(0, chunks - acked - flying), sent: flying, acked } };
}

export function infoJson({ subnet, address, publicKey, started }: NodeInfo): unknown {
  return {
    nodeSubnet: subnet,
    nodeIp: addressText(address),
    nodePubkey: toHex(publicKey),
    nodeStartTime: Math.floor(started / 1000),
  };
}

/** @returns null for a peer that the daemon's clients could not read, with which they would refuse the whole list */
export function peerJson(peer: PeerInfo): unknown {
  // A zone, as link-local addresses have, is a number there.
  const host = peer.host.replace(/%(?!\d+$).*$/, '');
  if (isIP(host.replace(/%\d+$/, '')) === 0) return null;
  return {
    endpoint: { proto: peer.scheme, addr: { socket: `${isIPv6(host) ? `[${host}]` : host}:${peer.port}` } },
    type: peer.kind,
    connectionState: peer.state,
    txBytes: peer.txBytes,
    rxBytes: peer.rxBytes,
    discovered: Math.floor(peer.knownFor / 1000),
    lastConnected: peer.lastConnected === null ? null : Math.floor(peer.lastConnected / 1000),
  };
}

export function routeJson({ subnet, scheme, local, remote, metric, seqno }: RouteInfo): unknown {
  const name = scheme.toUpperCase();
  const nextHop = scheme === 'quic' ? `${name} -> ${remote}` : `${name} ${local ?? 'unknown'} <-> ${remote}`;
  return { subnet, nextHop, metric: metric ?? 'infinite', seqno };
}

/** Seconds left, as a string. */
export function queriedJson({ subnet, remaining }: { subnet: string; remaining: number }): unknown {
  return { subnet, expiration: `${Math.max(0, Math.floor(remaining / 1000))}` };
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Strict, as the daemon's: standard alphabet, padded, no spare bits. */
export function fromBase64(text: unknown): Uint8Array | null {
  if (typeof text !== 'string' || text.length % 4 !== 0) return null;
  const bytes = asBytes(Buffer.from(text, 'base64'));
  return toBase64(bytes) === text ? bytes : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
