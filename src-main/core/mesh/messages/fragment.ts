import { putU16, putU64, u16, u64 } from '../wire/big-endian.ts';

/*
 * Message fragments, the payload of user type 1. Header:
 *
 *   0  8  message id, random, chosen by who sends first; a reply has the id of what it answers
 *   8  2  flags
 *  10  2  reserved, 0
 *
 * Bodies:
 *
 *   INIT      0 8 length of the message; 8 1 length of the topic T; 9 T topic
 *   INIT|ACK  the first nine bytes of it
 *   CHUNK     0 8 index; 8 8 offset in the message; 16 8 size; 24 - data
 *   CHUNK|ACK its first 24 bytes
 *   DONE      0 8 number of chunks; 8 32 BLAKE3 of the message; with ACK the same
 *   READ, ABORTED  nothing
 *
 * Source: Mycelium v0.7.10 (docs/formats/mesh.md).
 */

export interface InitFragment {
  readonly kind: 'init';
  /** 16 hex digits. */
  readonly id: string;
  readonly reply: boolean;
  readonly length: number;
  readonly topic: Uint8Array;
}

export interface InitAckFragment {
  readonly kind: 'init-ack';
  readonly id: string;
  readonly reply: boolean;
  readonly length: number;
  readonly topicLength: number;
}

export interface ChunkFragment {
  readonly kind: 'chunk';
  readonly id: string;
  readonly index: number;
  readonly offset: number;
  readonly data: Uint8Array;
}

export interface ChunkAckFragment {
  readonly kind: 'chunk-ack';
  readonly id: string;
  readonly index: number;
  readonly offset: number;
  readonly size: number;
}

export interface DoneFragment<Kind extends 'done' | 'done-ack' = 'done'> {
  readonly kind: Kind;
  readonly id: string;
  readonly chunks: number;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

export interface BareFragment {
  readonly kind: 'read' | 'aborted';
  readonly id: string;
}

export type Fragment =
  | InitFragment
  | InitAckFragment
  | ChunkFragment
  | ChunkAckFragment
  | DoneFragment
  | DoneFragment<'done-ack'>
  | BareFragment;

const flag = { init: 0x8000, done: 0x4000, aborted: 0x2000, chunk: 0x1000, read: 0x0800, reply: 0x0400, ack: 0x0100 };
const headerBytes = 12;
export const maxTopicBytes = 255;

/** @param id 16 hex digits */
export function encodeFragment(fragment: Fragment): Uint8Array {
  switch (fragment.kind) {
    case 'init': {
      const out = start(fragment.id, flag.init | (fragment.reply ? flag.reply : 0), 9 + fragment.topic.length);
      putU64(out, 12, fragment.length);
      out[20] = fragment.topic.length;
      out.set(fragment.topic, 21);
      return out;
    }
    case 'init-ack': {
      const out = start(fragment.id, flag.init | flag.ack | (fragment.reply ? flag.reply : 0), 9);
      putU64(out, 12, fragment.length);
      out[20] = fragment.topicLength;
      return out;
    }
    case 'chunk': {
      const out = start(fragment.id, flag.chunk, 24 + fragment.data.length);
      putChunk(out, fragment.index, fragment.offset, fragment.data.length);
      out.set(fragment.data, 36);
      return out;
    }
    case 'chunk-ack': {
      const out = start(fragment.id, flag.chunk | flag.ack, 24);
      putChunk(out, fragment.index, fragment.offset, fragment.size);
      return out;
    }
    case 'done':
    case 'done-ack': {
      const out = start(fragment.id, flag.done | (fragment.kind === 'done-ack' ? flag.ack : 0), 40);
      putU64(out, 12, fragment.chunks);
      out.set(fragment.digest, 20);
      return out;
    }
    case 'read':
    case 'aborted':
      return start(fragment.id, flag[fragment.kind], 0);
  }
}

/** @returns null for what has none of these shapes; several flags are read in the daemon's order */
export function decodeFragment(bytes: Uint8Array): Fragment | null {
  if (bytes.length < headerBytes) return null;
  const id = idOf(bytes);
  const flags = u16(bytes, 8);
  const ack = (flags & flag.ack) !== 0;
  const body = bytes.subarray(headerBytes);
  if ((flags & flag.init) !== 0) return decodeInit(id, (flags & flag.reply) !== 0, ack, body);
  if ((flags & flag.chunk) !== 0) return decodeChunk(id, ack, body);
  if ((flags & flag.done) !== 0) return decodeDone(id, ack, body);
  if ((flags & flag.read) !== 0) return { kind: 'read', id };
  if ((flags & flag.aborted) !== 0 && !ack) return { kind: 'aborted', id };
  return null;
}

function decodeInit(id: string, reply: boolean, ack: boolean, body: Uint8Array): Fragment | null {
  const length = body.length < 9 ? null : u64(body, 0);
  if (length === null) return null;
  const topicLength = body[8] as number;
  if (ack) return { kind: 'init-ack', id, reply, length, topicLength };
  if (body.length < 9 + topicLength) return null;
  return { kind: 'init', id, reply, length, topic: body.slice(9, 9 + topicLength) };
}

function decodeChunk(id: string, ack: boolean, body: Uint8Array): Fragment | null {
  if (body.length < 24) return null;
  const [index, offset, size] = [u64(body, 0), u64(body, 8), u64(body, 16)];
  if (index === null || offset === null || size === null) return null;
  if (ack) return { kind: 'chunk-ack', id, index, offset, size };
  // Surplus bytes are not data.
  return body.length < 24 + size ? null : { kind: 'chunk', id, index, offset, data: body.slice(24, 24 + size) };
}

function decodeDone(id: string, ack: boolean, body: Uint8Array): Fragment | null {
  const chunks = body.length < 40 ? null : u64(body, 0);
  if (chunks === null) return null;
  const digest = body.slice(8, 40);
  return ack ? { kind: 'done-ack', id, chunks, digest } : { kind: 'done', id, chunks, digest };
}

function start(id: string, flags: number, bodyBytes: number): Uint8Array {
  const out = new Uint8Array(headerBytes + bodyBytes);
  for (let i = 0; i < 8; i++) out[i] = Number.parseInt(id.slice(2 * i, 2 * i + 2), 16);
  putU16(out, 8, flags);
  return out;
}

function putChunk(out: Uint8Array, index: number, offset: number, size: number): void {
  putU64(out, 12, index);
  putU64(out, 20, offset);
  putU64(out, 28, size);
}

function idOf(bytes: Uint8Array): string {
  let id = '';
  for (let i = 0; i < 8; i++) id += (bytes[i] as number).toString(16).padStart(2, '0');
  return id;
}
