import { controlType, packetLength } from './packet.ts';

/** Gets whole packets, as positions in the bytes they lie in. The bytes are the reader's again when the call returns. */
export interface PacketVisitor {
  data(bytes: Uint8Array, at: number, length: number): void;
  control(bytes: Uint8Array, at: number, length: number): void;
}

export interface FrameReader {
  /**
   * Take in what arrived, in any pieces.
   *
   * @returns false when the peer does not speak the protocol: the link must be closed, and nothing more is read
   */
  push(bytes: Uint8Array, start?: number, end?: number): boolean;
  /** Bytes of a packet whose rest has not arrived. */
  pending(): number;
}

/**
 * Cuts a byte stream into packets where they lie, without copying: only a packet split over two reads is put together in a
 * buffer of its own, which exists only while such a packet is under way (an idle peer costs none).
 */
export function createFrameReader(visitor: PacketVisitor): FrameReader {
  let tail: Uint8Array | null = null;
  let held = 0;
  let dead = false;

  const visit = (bytes: Uint8Array, at: number, length: number): void => {
    if (bytes[at + 1] === controlType) visitor.control(bytes, at, length);
    else visitor.data(bytes, at, length);
  };

  /** Complete the packet that was cut, with bytes from `at`; where the next one begins, or -1. */
  const finishTail = (bytes: Uint8Array, at: number, end: number): number => {
    while (tail !== null && at < end) {
      const length = packetLength(tail, 0, held);
      if (length < 0) return -1;
      // Until the length is known, byte by byte: it is known within eight.
      const wanted = length === 0 ? held + 1 : length;
      const take = Math.min(wanted - held, end - at);
      if (tail.length < held + take) tail = grown(tail, held, held + take, wanted);
      tail.set(bytes.subarray(at, at + take), held);
      held += take;
      at += take;
      const known = packetLength(tail, 0, held);
      if (known < 0) return -1;
      if (known === 0 || held < known) continue;
      const whole = tail;
      tail = null;
      held = 0;
      visit(whole, 0, known);
    }
    return at;
  };

  return {
    push(bytes, start = 0, end = bytes.length) {
      if (dead) return false;
      let at = finishTail(bytes, start, end);
      while (at >= 0 && at < end) {
        const length = packetLength(bytes, at, end);
        if (length < 0) {
          at = -1;
          break;
        }
        if (length === 0 || at + length > end) {
          tail = bytes.slice(at, end);
          held = end - at;
          break;
        }
        visit(bytes, at, length);
        at += length;
      }
      dead = at < 0;
      return !dead;
    },
    pending: () => held,
  };
}

/** Twice the room, so that bytes are copied few times, but never for more than has been sent: a length alone costs nothing. */
function grown(tail: Uint8Array, held: number, needed: number, most: number): Uint8Array {
  const room = new Uint8Array(Math.min(most, Math.max(needed, 2 * tail.length)));
  room.set(tail.subarray(0, held));
  return room;
}
