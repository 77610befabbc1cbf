import { limits } from './limits.ts';

/*
 * Requests of the Redis protocol as 0-db takes them: arrays of bulk strings and nothing else.
 *
 *   *COUNT\r\n  then COUNT times  $LENGTH\r\n BYTES ??      (the two bytes after BYTES are skipped unread, as 0-db does)
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ and the specification's section 1.3.
 */

/** One word of a request. Large ones stay in the pieces they arrived in, which saves copying a value to store it. */
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
  /** Take what arrived. The bytes must not change afterwards. */
  push(chunk: Uint8Array): void;
  /** The next whole request, if there is one. After an error, always that error. */
  next(): Parsed;
  /** Bytes held: of an unfinished request and of what was not looked at yet. */
  held(): number;
  /** A request has begun and is not complete. */
  partial(): boolean;
}

const more: Parsed = { kind: 'more' };
const none: readonly Uint8Array[] = [];
const empty: Word = { length: 0, parts: none };

/** Pieces from this size on are kept as they are; smaller ones are gathered, or a byte at a time would cost a hundred. */
const worthKeeping = 16 * 1024;
const gathering = 64 * 1024;
const digitsMost = 10;

const star = 0x2a;
const dollar = 0x24;
const carriageReturn = 0x0d;
const newline = 0x0a;
const zero = 0x30;

export function createRequestParser(): RequestParser {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let chunk: Uint8Array = new Uint8Array(0);
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

  const fail = (error: ParseError): Parsed => {
    broken = { kind: 'error', error };
    waiting.length = 0;
    waitingBytes = 0;
    chunk = new Uint8Array(0);
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
    if (size >= worthKeeping || (left === 0 && block === null)) {
      endBlock();
      parts.push(piece);
      return;
    }
    for (let from = 0; from < size; ) {
      block ??= new Uint8Array(Math.min(gathering, left + size - from));
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
    next() {
      if (broken !== null) return broken;
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

/** A word as text, one character a byte: what is compared with names and keywords. */
export function wordText(word: Word | undefined): string {
  if (word === undefined) return '';
  const bytes = wordBytes(word);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
