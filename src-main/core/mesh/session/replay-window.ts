/**
 * Which counters of a session have been received: a window of the last ones that slides with the greatest, as a ring of
 * 32-bit words, so that sliding clears words and shifts nothing (RFC 6479).
 */
export interface ReplayWindow {
  /** Whether a packet with this counter may be opened: not seen, and not older than the window. */
  fresh(counter: number): boolean;
  /** Note a counter whose packet was authentic. Only then: else anybody could push the window forward. */
  note(counter: number): void;
}

const wordBits = 32;
/** Words in the ring; one of them is always partly ahead, so the window is one word shorter. */
const words = 256;
/** How far behind the greatest a packet may come: what one link holds in flight at 10 Gbit/s and 10 ms. */
export const windowPackets = (words - 1) * wordBits;

export function createReplayWindow(): ReplayWindow {
  const ring = new Uint32Array(words);
  /** The greatest counter noted; -1 before the first. */
  let greatest = -1;
  return {
    fresh(counter) {
      if (counter > greatest) return true;
      if (counter + windowPackets <= greatest) return false;
      const word = ring[Math.floor(counter / wordBits) % words] as number;
      return ((word >>> (counter % wordBits)) & 1) === 0;
    },
    note(counter) {
      const block = Math.floor(counter / wordBits);
      if (counter > greatest) {
        const from = Math.floor(Math.max(greatest, 0) / wordBits);
        const cleared = Math.min(block - from, words);
        for (let i = 0; i < cleared; i++) ring[(block - i) % words] = 0;
        greatest = counter;
      }
      const at = block % words;
      ring[at] = (ring[at] as number) | (1 << (counter % wordBits));
    },
  };
}
