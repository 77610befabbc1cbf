import snappy from 'snappyjs';
import { concatBytes } from '#core/crypto/bytes.ts';
import { crc32c } from './crc32c.ts';
import { readSnappyBlock } from './snappy-block.ts';

/**
 * The framing format of Snappy (google/snappy, framing_format.txt): chunks of u8 type | u24 length | body, integers little-endian.
 *
 *     ff  stream identifier "sNaPpY": first, and again wherever streams were put one after the other
 *     00  u32 masked CRC-32C of the plain bytes | Snappy block of at most 65,536 plain bytes
 *     01  u32 masked CRC-32C | the plain bytes, at most 65,536 of them
 *     80..fe  may be skipped       02..7f  may not
 *
 * Nothing at all is a stream of nothing: that is how the `snap` crate, and so zstor, writes an empty file.
 */
const identifier = Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
const blockBytes = 65_536;
/** The most that a block of {@link blockBytes} may take: 32 + n + n/6. */
const mostCompressed = 32 + blockBytes + Math.floor(blockBytes / 6);
const headBytes = 8;

/** Rotated by 15 and shifted, so that the checksum of a stream with checksums in it is none of theirs. */
function masked(plain: Uint8Array): number {
  const crc = crc32c(plain);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Bytes looked at to see whether compressing is worth it, and how far apart they lie. */
const sampleBytes = 4096;

export interface SnappyFramer {
  /** @returns frames of what is full */
  update(plain: Uint8Array): Uint8Array;
  /** The last frames; once. */
  end(): Uint8Array;
}

export function createSnappyFramer(): SnappyFramer {
  const pending = new Uint8Array(blockBytes);
  let held = 0;
  let begun = false;
  const framed = (plain: Uint8Array, to: Uint8Array[]): void => {
    if (!begun) to.push(identifier);
    begun = true;
    const body = smaller(plain);
    const head = new Uint8Array(headBytes);
    const view = new DataView(head.buffer);
    view.setUint32(0, ((body.length + 4) << 8) | (body === plain ? 1 : 0), true);
    view.setUint32(4, masked(plain), true);
    to.push(head, body);
  };
  return {
    update(plain) {
      const out: Uint8Array[] = [];
      let at = 0;
      if (held > 0) {
        const take = Math.min(blockBytes - held, plain.length);
        pending.set(plain.subarray(0, take), held);
        held += take;
        at = take;
        if (held < blockBytes) return new Uint8Array(0);
        framed(pending, out);
        held = 0;
      }
      for (; plain.length - at >= blockBytes; at += blockBytes) framed(plain.subarray(at, at + blockBytes), out);
      // Before what is held is overwritten, and before the caller uses its bytes for something else.
      const done = concatBytes(...out);
      pending.set(plain.subarray(at));
      held = plain.length - at;
      return done;
    },
    end() {
      const out: Uint8Array[] = [];
      if (held > 0) framed(pending.subarray(0, held), out);
      return concatBytes(...out);
    },
  };
}

/** The block, or `plain` itself where less than an eighth would be saved: then `snap` stores it as it is. */
function smaller(plain: Uint8Array): Uint8Array {
  if (plain.length > 4 * sampleBytes) {
    const middle = (plain.length - sampleBytes) >> 1;
    const shrinks = [0, middle, plain.length - sampleBytes].some((at) => {
      const sample = plain.subarray(at, at + sampleBytes);
      return snappy.compress(sample).length < sampleBytes - sampleBytes / 32;
    });
    if (!shrinks) return plain;
  }
  const block = snappy.compress(plain);
  return block.length >= plain.length - plain.length / 8 ? plain : block;
}

/** Bytes that are no stream of frames. */
export class NotSnappy extends Error {}

export interface SnappyUnframer {
  /** @returns the plain bytes of all frames that are whole, each checked @throws NotSnappy */
  update(bytes: Uint8Array): Uint8Array[];
  /** @throws NotSnappy when a frame is cut short */
  end(): void;
}

export function createSnappyUnframer(): SnappyUnframer {
  let held: Uint8Array = new Uint8Array(0);
  let skip = 0;
  let begun = false;
  const whole = (type: number, body: Uint8Array, out: Uint8Array[]): void => {
    if (type === 0xff) {
      if (body.length !== 6 || !identifier.subarray(4).every((byte, i) => body[i] === byte))
        throw new NotSnappy('another stream');
      begun = true;
      return;
    }
    const plain = type === 0 ? readSnappyBlock(body.subarray(4), blockBytes) : new Uint8Array(body.subarray(4));
    if (plain === null) throw new NotSnappy('no block of Snappy');
    const sum = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
    if (masked(plain) !== sum) throw new NotSnappy('the checksum is another');
    out.push(plain);
  };
  return {
    update(bytes) {
      const out: Uint8Array[] = [];
      const all = held.length === 0 ? bytes : concatBytes(held, bytes);
      let at = 0;
      for (;;) {
        const skipped = Math.min(skip, all.length - at);
        skip -= skipped;
        at += skipped;
        if (all.length - at < 4) break;
        const [type = 0, a = 0, b = 0, c = 0] = all.subarray(at, at + 4);
        const length = a | (b << 8) | (c << 16);
        if (!begun && type !== 0xff) throw new NotSnappy('it does not begin as a stream');
        if (type >= 0x80 && type < 0xff) {
          at += 4;
          skip = length;
          continue;
        }
        const [least, most] = type === 0xff ? [6, 6] : type === 0 ? [4, 4 + mostCompressed] : [4, 4 + blockBytes];
        if ((type > 1 && type !== 0xff) || length < least || length > most)
          throw new NotSnappy('a chunk of another kind');
        if (all.length - at - 4 < length) break;
        whole(type, all.subarray(at + 4, at + 4 + length), out);
        at += 4 + length;
      }
      held = new Uint8Array(all.subarray(at));
      return out;
    },
    end() {
      if (held.length > 0 || skip > 0) throw new NotSnappy('it is cut short');
    },
  };
}
