/*
 * Frames of the protocol between a Hypha and a contact's that keeps pieces for it (docs/formats/friend-place.md):
 *
 *     u32 big-endian   length of what follows, 5 .. maxFrame
 *     u8               type
 *     u32 big-endian   number of the request that this belongs to
 *     bytes            body
 */

export const headBytes = 9;
/** Of one frame without its length: a piece of data with what may stand before it. */
export const maxFrame = 256 * 1024 + 64;

export interface Frame {
  readonly type: number;
  readonly request: number;
  readonly body: Uint8Array;
}

export function encodeFrame(type: number, request: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = new Uint8Array(headBytes + length);
  const view = new DataView(out.buffer);
  view.setUint32(0, length + 5);
  out[4] = type;
  view.setUint32(5, request);
  let at = headBytes;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** What came is no frame: nothing after it can be understood. */
export class BadFrame extends Error {}

/** Cuts what arrives into frames. Holds one frame at most. */
export function createFrameReader() {
  const chunks: Uint8Array[] = [];
  let held = 0;
  /** Of the frame that is arriving; null before its length is known. */
  let wanted: number | null = null;

  const take = (length: number): Uint8Array => {
    const [first = new Uint8Array(0)] = chunks;
    if (first.length >= length) {
      chunks[0] = first.subarray(length);
      if (chunks[0].length === 0) chunks.shift();
      held -= length;
      return first.subarray(0, length);
    }
    const out = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const next = chunks[0] ?? out;
      const part = next.subarray(0, length - at);
      out.set(part, at);
      at += part.length;
      if (part.length === next.length) chunks.shift();
      else chunks[0] = next.subarray(part.length);
    }
    held -= length;
    return out;
  };

  return {
    /** @throws BadFrame */
    *push(chunk: Uint8Array): Generator<Frame> {
      if (chunk.length > 0) chunks.push(chunk);
      held += chunk.length;
      for (;;) {
        if (wanted === null) {
          if (held < 4) return;
          const head = take(4);
          const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
          if (length < 5 || length > maxFrame) throw new BadFrame(`a frame of ${length} bytes`);
          wanted = length;
        }
        if (held < wanted) return;
        const bytes = take(wanted);
        wanted = null;
        const request = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
        yield { type: bytes[0] ?? 0, request, body: bytes.subarray(5) };
      }
    },
    /** Something of a frame is here that is not whole. */
    partial: (): boolean => held > 0 || wanted !== null,
  };
}
