import { Decoder, Encoder } from '@msgpack/msgpack';
import { fail } from './fail.ts';
import { maxDepth, tooLarge, weighed } from './portable.ts';

/**
 * Frames as bytes: MessagePack (spec at github.com/msgpack/msgpack), restricted to nil, bool, int, float, str, bin,
 * array and map with string keys. Integers beyond 32 bits that are JavaScript numbers go as float 64, and bigint as
 * int 64 or uint 64, so that each comes back as what it was. On byte streams every frame is preceded by its length:
 *
 *     offset  size  field
 *     0       4     n: length of the frame, unsigned big-endian, 1 <= n <= limit
 *     4       n     MessagePack
 */
const lengthBytes = 4;

/** @throws Fail TOO_LARGE; TypeError for a value no frame can hold. */
export function encodeFrame(frame: unknown, limit: number): Uint8Array<ArrayBuffer> {
  const { value, weight } = weighed(frame, limit);
  // A fresh encoder each time, so its buffer may be given away. The weight spares it from growing by copies.
  const encoder = new Encoder({ useBigInt64: true, maxDepth: 128, initialBufferSize: weight + 64 });
  const bytes = encoder.encodeSharedRef(value);
  if (bytes.length > limit) throw tooLarge(limit);
  return bytes;
}

/** @throws Fail PROTOCOL for anything that is not one well-formed frame; TOO_LARGE past the limit. */
export function decodeFrame(bytes: Uint8Array, limit: number): unknown {
  if (bytes.length > limit) throw tooLarge(limit);
  checkStructure(bytes);
  try {
    // Plain bytes, so that what is read out of a Node Buffer is no Buffer.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Decoder({ useBigInt64: true }).decode(plain);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

/** The two parts to write, one after the other: the length and the frame. */
export function encodeLengthPrefixed(
  frame: unknown,
  limit: number,
): [length: Uint8Array<ArrayBuffer>, frame: Uint8Array<ArrayBuffer>] {
  const body = encodeFrame(frame, limit);
  const length = new Uint8Array(lengthBytes);
  new DataView(length.buffer).setUint32(0, body.length);
  return [length, body];
}

/** Room first made for a frame that comes in pieces; it grows with what has come, not with what the length claims. */
const firstRoom = 64 * 1024;

/** Cuts a byte stream into frames; holds at most one frame. Each byte is copied at most a few times, however it is cut. */
export class FrameSplitter {
  readonly #limit: number;
  readonly #head = new Uint8Array(lengthBytes);
  /** Bytes of the length that are there. */
  #headHeld = 0;
  /** The beginning of a frame of `#want` bytes: the first `#held` of it. Made anew for each, because what is read out of it stays in it. */
  #body = new Uint8Array(0);
  #held = 0;
  /** Length of the frame being gathered; null while its length is not known. */
  #want: number | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Take in a chunk; yields the frames it completes. To be read to its end: a rest that nobody reads is lost.
   * @throws Fail PROTOCOL or TOO_LARGE; the stream cannot be read on after that.
   */
  *push(chunk: Uint8Array): Generator<unknown> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#want === null) {
        const part = rest.subarray(0, lengthBytes - this.#headHeld);
        this.#head.set(part, this.#headHeld);
        this.#headHeld += part.length;
        rest = rest.subarray(part.length);
        if (this.#headHeld < lengthBytes) return;
        this.#headHeld = 0;
        this.#want = new DataView(this.#head.buffer).getUint32(0);
        if (this.#want === 0) throw malformed('a frame of no bytes');
        if (this.#want > this.#limit) throw tooLarge(this.#limit);
      }
      const part = rest.subarray(0, this.#want - this.#held);
      rest = rest.subarray(part.length);
      if (this.#held + part.length < this.#want) {
        this.#gather(part, this.#want);
        continue;
      }
      let body = part;
      if (this.#held > 0) {
        this.#gather(part, this.#want);
        body = this.#body;
      }
      this.#want = null;
      this.#held = 0;
      this.#body = new Uint8Array(0);
      yield decodeFrame(body, this.#limit);
    }
  }

  #gather(part: Uint8Array, want: number): void {
    const held = this.#held + part.length;
    if (held > this.#body.length) {
      const room = new Uint8Array(Math.min(want, Math.max(held, firstRoom, this.#body.length * 4)));
      room.set(this.#body.subarray(0, this.#held));
      this.#body = room;
    }
    this.#body.set(part, this.#held);
    this.#held = held;
  }
}

/**
 * Walk the MessagePack structure before anything is built from it. The decoder allocates an array as long as its
 * header claims, so a few bytes could claim gigabytes; here every claimed element must still fit in the bytes left.
 */
function checkStructure(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  /** Values still to come at each level of nesting; in a map keys and members both count, so a key is due when it is even. */
  const left: number[] = [1];
  const isMap: boolean[] = [false];
  let outstanding = 1;
  const need = (n: number) => {
    if (at + n > bytes.length) throw malformed('it ends too early');
  };
  const skip = (n: number) => {
    need(n);
    at += n;
  };
  const length = (width: 1 | 2 | 4): number => {
    need(width);
    const n = width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at);
    at += width;
    return n;
  };
  const nest = (values: number, map: boolean) => {
    outstanding += values;
    if (outstanding > bytes.length - at) throw malformed('it claims more than it holds');
    if (values === 0) return;
    // The first level is the frame itself: a container at depth d of `portable` opens level d + 2.
    if (left.length > maxDepth + 1) throw malformed('it is nested too deeply');
    left.push(values);
    isMap.push(map);
  };
  while (left.length > 0) {
    const top = left.length - 1;
    const values = left[top] ?? 0;
    if (values === 0) {
      left.pop();
      isMap.pop();
      continue;
    }
    left[top] = values - 1;
    outstanding -= 1;
    const type = length(1);
    const isText = (type >= 0xa0 && type <= 0xbf) || (type >= 0xd9 && type <= 0xdb);
    if (isMap[top] && values % 2 === 0 && !isText) throw malformed('a name in a map is no text');
    if (type <= 0x7f || type >= 0xe0)
      continue; // fixint
    else if (type <= 0x8f)
      nest((type & 0x0f) * 2, true); // fixmap
    else if (type <= 0x9f)
      nest(type & 0x0f, false); // fixarray
    else if (type <= 0xbf)
      skip(type & 0x1f); // fixstr
    else if (type === 0xc0 || type === 0xc2 || type === 0xc3)
      continue; // nil, false, true
    else if (type >= 0xc4 && type <= 0xc6)
      skip(length(widths[type - 0xc4] ?? 4)); // bin 8, 16, 32
    else if (type === 0xca || type === 0xce || type === 0xd2)
      skip(4); // float 32, uint 32, int 32
    else if (type === 0xcb || type === 0xcf || type === 0xd3)
      skip(8); // float 64, uint 64, int 64
    else if (type === 0xcc || type === 0xd0)
      skip(1); // uint 8, int 8
    else if (type === 0xcd || type === 0xd1)
      skip(2); // uint 16, int 16
    else if (type >= 0xd9 && type <= 0xdb)
      skip(length(widths[type - 0xd9] ?? 4)); // str 8, 16, 32
    else if (type === 0xdc || type === 0xdd)
      nest(length(type === 0xdc ? 2 : 4), false); // array 16, 32
    else if (type === 0xde || type === 0xdf)
      nest(length(type === 0xde ? 2 : 4) * 2, true); // map 16, 32
    else throw malformed(`type ${type} is not used here`); // ext and 0xc1
  }
  if (at !== bytes.length) throw malformed('bytes are left over');
}

const widths = [1, 2, 4] as const;

function malformed(why: string) {
  return fail('PROTOCOL', `What arrived is not a frame: ${why}.`);
}
