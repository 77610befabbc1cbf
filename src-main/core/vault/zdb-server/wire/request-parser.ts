import type { BufferPool } from './buffer-pool.ts';
import { limits } from './limits.ts';

/*
 * Requests of the Redis protocol as 0-db takes them: arrays of bulk strings and nothing else.
 *
 *   *COUNT\r\n  then COUNT times  $LENGTH\r\n BYTES ??      (the two bytes after BYTES are skipped unread, as 0-db does)
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ and the specification's section 1.3.
 */

/**
 * One word of a request. What arrived in one go stays where it arrived; else it is in pieces, which a value can be stored
 * from as well. It is good until the parser is asked for the next request, or told to {@link RequestParser.keep}.
 */
export interface Word {
  readonly length: number;
  readonly parts: readonly Uint8Array[];
}

/** What to answer before the connection ends: after any of these nobody knows where the next request begins. */
export type ParseError =
  | 'Malformed request, array expected'
  | 'Malformed query string'
  | 'Missing arguments'
  | 'Too many arguments'
  | 'Payload too big';

export type Parsed =
  | { readonly kind: 'request'; readonly words: readonly Word[] }
  | { readonly kind: 'more' }
  | { readonly kind: 'error'; readonly error: ParseError };

export interface RequestParser {
  /** Take what arrived. The bytes must not change until {@link keep}, or ever. */
  push(chunk: Uint8Array): void;
  /** Copy what is still needed out of memory that will be used for something else. */
  keep(from: ArrayBufferLike): void;
  /** The next whole request, if there is one. After an error, always that error. */
  next(): Parsed;
  /** Bytes held: of an unfinished request and of what was not looked at yet. */
  held(): number;
  /** A request has begun and is not complete. */
  partial(): boolean;
}

const more: Parsed = { kind: 'more' };
const nothing = new Uint8Array(0);
const none: readonly Uint8Array[] = [];
const empty: Word = { length: 0, parts: none };

/** Room taken for what was announced and is not there yet: little at first, for some announce much and send nothing. */
const gathering = { first: 64 * 1024, next: 256 * 1024 } as const;
const digitsMost = 10;

const star = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;
const newline = 0x0a;
const zero = 0x30;

/** @param pool of what words are gathered in; given back when the next request is asked for */
export function createRequestParser(pool: BufferPool): RequestParser {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let chunk: Uint8Array = nothing;
  let at = 0;

  let state: 'array' | 'count' | 'bulk' | 'length' | 'bytes' | 'end' = 'array';
  let number = 0;
  let digits = 0;
  let returned = false;
  let count = 0;
  let words: Word[] = [];
  let total = 0;
  let length = 0;
  let left = 0;
  let parts: Uint8Array[] = [];
  let block: Uint8Array | null = null;
  let filled = 0;
  let skip = 0;
  let broken: Parsed | null = null;
  /** Of the request that is being made, and of the one that was given out. */
  let blocks: Uint8Array[] = [];
  let lent: Uint8Array[] = [];

  const giveBack = (): void => {
    for (const one of lent) pool.give(one);
    lent = [];
  };

  const fail = (error: ParseError): Parsed => {
    broken = { kind: 'error', error };
    waiting.length = 0;
    waitingBytes = 0;
    chunk = nothing;
    at = 0;
    words = [];
    parts = [];
    block = null;
    return broken;
  };

  /** The number of a header line, null while it is not complete, -1 when it is none. */
  const line = (): number | null => {
    while (at < chunk.length) {
      const byte = chunk[at++] ?? 0;
      if (returned) return byte === newline && digits > 0 ? number : -1;
      if (byte === carriageReturn) {
        returned = true;
        continue;
      }
      const digit = byte - zero;
      if (digit < 0 || digit > 9 || ++digits > digitsMost) return -1;
      number = number * 10 + digit;
    }
    return null;
  };
  const beginLine = (): void => {
    number = 0;
    digits = 0;
    returned = false;
  };

  const endBlock = (): void => {
    if (block !== null && filled > 0) parts.push(block.subarray(0, filled));
    block = null;
    filled = 0;
  };
  const takeBytes = (): void => {
    const size = Math.min(left, chunk.length - at);
    const piece = chunk.subarray(at, at + size);
    at += size;
    left -= size;
    if (left === 0 && block === null && parts.length === 0) {
      parts.push(piece);
      return;
    }
    for (let from = 0; from < size; ) {
      if (block === null) {
        block = pool.take(Math.min(parts.length === 0 ? gathering.first : gathering.next, left + size - from));
        blocks.push(block);
      }
      const some = Math.min(size - from, block.length - filled);
      block.set(piece.subarray(from, from + some), filled);
      filled += some;
      from += some;
      if (filled === block.length) endBlock();
    }
  };

  const step = (): Parsed | null => {
    switch (state) {
      case 'array':
        if (chunk[at++] !== star) return fail('Malformed request, array expected');
        beginLine();
        state = 'count';
        return null;
      case 'count': {
        const value = line();
        if (value === null) return null;
        if (value < 0) return fail('Malformed query string');
        if (value === 0) return fail('Missing arguments');
        if (value > limits.words) return fail('Too many arguments');
        count = value;
        words = [];
        total = 0;
        state = 'bulk';
        return null;
      }
      case 'bulk':
        if (chunk[at++] !== dollar) return fail('Malformed query string');
        beginLine();
        state = 'length';
        return null;
      case 'length': {
        const value = line();
        if (value === null) return null;
        if (value < 0) return fail('Malformed query string');
        total += value;
        if (value > limits.word || total > limits.request) return fail('Payload too big');
        length = value;
        left = value;
        parts = [];
        skip = 2;
        state = value === 0 ? 'end' : 'bytes';
        return null;
      }
      case 'bytes':
        takeBytes();
        if (left === 0) {
          endBlock();
          state = 'end';
        }
        return null;
      case 'end': {
        const size = Math.min(skip, chunk.length - at);
        at += size;
        skip -= size;
        if (skip > 0) return null;
        words.push(length === 0 ? empty : { length, parts });
        parts = [];
        state = words.length === count ? 'array' : 'bulk';
        if (state === 'bulk') return null;
        const request: Parsed = { kind: 'request', words };
        words = [];
        lent = blocks;
        blocks = [];
        total = 0;
        return request;
      }
    }
  };

  return {
    push(bytes) {
      if (broken !== null || bytes.length === 0) return;
      waiting.push(bytes);
      waitingBytes += bytes.length;
    },
    keep(from) {
      const own = (bytes: Uint8Array): Uint8Array => (bytes.buffer === from ? bytes.slice() : bytes);
      chunk = own(chunk.subarray(at));
      at = 0;
      for (let i = 0; i < waiting.length; i++) waiting[i] = own(waiting[i] ?? nothing);
      words = words.map((word) => ({ length: word.length, parts: word.parts.map(own) }));
      parts = parts.map(own);
    },
    next() {
      if (broken !== null) return broken;
      if (lent.length > 0) giveBack();
      for (;;) {
        if (at >= chunk.length) {
          const following = waiting.shift();
          if (following === undefined) return more;
          waitingBytes -= following.length;
          chunk = following;
          at = 0;
        }
        const done = step();
        if (done !== null) return done;
      }
    },
    held: () => waitingBytes + (chunk.length - at) + Math.max(0, total - left),
    partial: () => state !== 'array',
  };
}

/** A word in one piece. */
export function wordBytes(word: Word): Uint8Array {
  const [only] = word.parts;
  if (only === undefined) return new Uint8Array(0);
  if (word.parts.length === 1) return only;
  return Buffer.concat(word.parts, word.length);
}

/** The same in memory of its own. */
export const ownWord = (word: Word): Word => ({
  length: word.length,
  parts: word.length === 0 ? none : [Buffer.concat(word.parts, word.length)],
});

/** A word as text, one character a byte: what is compared with names and keywords. */
export function wordText(word: Word | undefined): string {
  if (word === undefined) return '';
  const bytes = wordBytes(word);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
