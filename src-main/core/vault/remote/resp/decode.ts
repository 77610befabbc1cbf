import { ConnectionError, Landed, type Landing, type Reply, ReplyError } from './reply.ts';

/** What a server may make us hold. All in bytes but `items` (elements of one array) and `depth` (arrays in arrays). */
export interface ReplyLimits {
  readonly bulk: number;
  readonly line: number;
  readonly items: number;
  readonly depth: number;
  /** One reply with all that is in it; an element counts for 32 bytes at least. */
  readonly total: number;
}

export const usualLimits: ReplyLimits = {
  bulk: 16 * 1024 * 1024,
  line: 64 * 1024,
  items: 1024 * 1024,
  depth: 8,
  total: 64 * 1024 * 1024,
};

const elementCost = 32;
const newline = 10;
const text = new TextDecoder();

interface Body {
  readonly length: number;
  /** Bytes that have come, of the two behind the body too. */
  got: number;
  /** Where they gather; a body that came in one piece needs none. */
  into: Uint8Array | null;
  whole: Uint8Array | null;
  readonly landing: Landing | null;
}

/**
 * Turns what a server sends, in whatever pieces, into replies. Everything is bounded by `limits`, an announced length reserves
 * memory only once its first byte is there, and a body that comes in one piece is handed on as a view, not copied.
 *
 * `landing` is asked when the answer to a command turns out to be a bulk string, and may say where its bytes go.
 */
export class ReplyDecoder {
  readonly #limits: ReplyLimits;
  readonly #take: (reply: Reply) => void;
  readonly #landing: () => Landing | null;
  readonly #open: { readonly items: Reply[]; missing: number }[] = [];
  #line: Uint8Array[] = [];
  #lineBytes = 0;
  #body: Body | null = null;
  #total = 0;
  #broken: ConnectionError | null = null;

  constructor(
    take: (reply: Reply) => void,
    limits: ReplyLimits = usualLimits,
    landing: () => Landing | null = () => null,
  ) {
    this.#take = take;
    this.#limits = limits;
    this.#landing = landing;
  }

  /** @throws ConnectionError `protocol` for what is no RESP2 or passes the limits, and from then on for everything */
  push(chunk: Uint8Array): void {
    if (this.#broken) throw this.#broken;
    try {
      let at = 0;
      while (at < chunk.length) at = this.#body ? this.#takeBody(this.#body, chunk, at) : this.#takeLine(chunk, at);
    } catch (error) {
      if (error instanceof ConnectionError) this.#broken = error;
      throw error;
    }
  }

  #takeLine(chunk: Uint8Array, from: number): number {
    if (this.#lineBytes === 0 && !'+-:$*'.includes(String.fromCharCode(chunk[from] ?? 0))) {
      throw refuse(`a reply begins with byte ${chunk[from]}`);
    }
    const end = chunk.indexOf(newline, from);
    const piece = chunk.subarray(from, end === -1 ? chunk.length : end);
    this.#lineBytes += piece.length;
    if (this.#lineBytes > this.#limits.line) throw refuse('a line is too long');
    this.#line.push(piece);
    if (end === -1) return chunk.length;
    const line = this.#line.length === 1 ? piece : Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    if (line.at(-1) !== 13) throw refuse('a line does not end with CR LF');
    const value = this.#begin(line[0] ?? 0, text.decode(line.subarray(1, -1)));
    if (value !== undefined) this.#value(value);
    return end + 1;
  }

  /** @returns the value, or undefined where more belongs to it */
  #begin(type: number, rest: string): Reply | undefined {
    switch (type) {
      case 0x2b:
        this.#charge(rest.length);
        return rest;
      case 0x2d:
        this.#charge(rest.length);
        return new ReplyError(rest);
      case 0x3a:
        return integer(rest);
      case 0x24: {
        const length = integer(rest);
        if (length === -1) return null;
        if (length < 0 || length > this.#limits.bulk) throw refuse(`a string of ${length} bytes`);
        this.#charge(length);
        const landing = this.#open.length === 0 ? this.#landing() : null;
        this.#body = { length, got: 0, into: null, whole: null, landing };
        return;
      }
      default: {
        const count = integer(rest);
        if (count === -1) return null;
        if (count < 0 || count > this.#limits.items) throw refuse(`a list of ${count}`);
        this.#charge(count * elementCost);
        if (count === 0) return [];
        if (this.#open.length >= this.#limits.depth) throw refuse('lists in lists in lists');
        this.#open.push({ items: [], missing: count });
        return;
      }
    }
  }

  #takeBody(body: Body, chunk: Uint8Array, from: number): number {
    const { length, landing } = body;
    let at = from;
    if (body.got < length) {
      const piece = chunk.subarray(at, at + length - body.got);
      if (landing) land(landing, piece, body.got);
      else if (piece.length === length) body.whole = piece;
      else {
        body.into ??= new Uint8Array(length);
        body.into.set(piece, body.got);
      }
      body.got += piece.length;
      at += piece.length;
    }
    for (; body.got >= length && at < chunk.length; at++) {
      if (chunk[at] !== (body.got === length ? 13 : newline)) throw refuse('a string does not end with CR LF');
      if (++body.got < length + 2) continue;
      this.#body = null;
      this.#value(landing ? new Landed(length) : (body.whole ?? body.into ?? new Uint8Array(0)));
      return at + 1;
    }
    return at;
  }

  #charge(bytes: number): void {
    this.#total += bytes;
    if (this.#total > this.#limits.total) throw refuse('a reply is too long');
  }

  #value(value: Reply): void {
    let done = value;
    for (let top = this.#open.at(-1); top; top = this.#open.at(-1)) {
      top.items.push(done);
      if (--top.missing > 0) return;
      this.#open.pop();
      done = top.items;
    }
    this.#total = 0;
    this.#take(done);
  }
}

const refuse = (what: string): ConnectionError =>
  new ConnectionError('protocol', `The server does not speak the Redis protocol: ${what}.`);

function integer(digits: string): number {
  const value = /^[+-]?\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw refuse(`“${digits.slice(0, 40)}” is no number`);
  return value;
}

function land({ target, skip }: Landing, piece: Uint8Array, at: number): void {
  const from = Math.max(0, skip - at);
  const to = Math.min(piece.length, skip + target.length - at);
  if (from < to) target.set(piece.subarray(from, to), at + from - skip);
}
