import { put32, u32 } from '../ip/bytes.ts';

/*
 * How QEMU's `-netdev stream` carries frames (QEMU net/stream.c): length (4, big-endian), frame. The length counts the frame only.
 */

/** Longer than any frame of a link whose MTU fits 16 bits: a length above it means that the stream is out of step. */
export const FRAME_LIMIT = 70_000;

/** One frame as it goes into the stream. */
export function encodeStreamFrame(frame: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + frame.length);
  put32(out, 0, frame.length);
  out.set(frame, 4);
  return out;
}

/**
 * Cuts a stream into frames. Holds at most one unfinished frame. Frames are lent from the chunk they came in, where they came whole.
 * `push` returns the frames that have become complete, or null when the stream is out of step and must be closed.
 */
export class StreamFramer {
  #rest = new Uint8Array(0);

  push(chunk: Uint8Array): Uint8Array[] | null {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest, 0);
      bytes.set(chunk, this.#rest.length);
    }
    const frames: Uint8Array[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = u32(bytes, at);
      if (length > FRAME_LIMIT) return null;
      if (bytes.length - at - 4 < length) break;
      frames.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#rest = bytes.slice(at);
    return frames;
  }
}
