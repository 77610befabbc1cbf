const SMALLEST = 4096;

/**
 * Bytes of a stream by position, over one buffer that wraps around. It starts empty and doubles as the span in use grows, so an idle
 * connection holds nothing. A ring and not a list of received pieces: tiny segments cost what their bytes cost, overlaps
 * need no thought, and any piece is found without a search.
 */
export class ByteRing {
  #bytes: Uint8Array = new Uint8Array(0);

  /** Bytes of memory held. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Make room for positions `base` to `base + span`; what lies at positions from `base` on is kept. */
  ensure(base: number, span: number): void {
    const old = this.#bytes;
    if (span <= old.length) return;
    let size = Math.max(SMALLEST, old.length * 2);
    while (size < span) size *= 2;
    // Not cleared: only what was put is ever copied out.
    const bytes = Buffer.allocUnsafeSlow(size);
    if (old.length > 0) {
      const from = base & (old.length - 1);
      const to = base & (size - 1);
      // `to` and `from` agree modulo the old length, so each part stays whole in the doubled ring.
      const first = old.length - from;
      bytes.set(old.subarray(from), to);
      bytes.set(old.subarray(0, from), (to + first) & (size - 1));
    }
    this.#bytes = bytes;
  }

  /** Copy `length` bytes of `source` to `position`. The span must have been ensured. */
  put(position: number, source: Uint8Array, from: number, length: number): void {
    const bytes = this.#bytes;
    const at = position & (bytes.length - 1);
    const first = Math.min(length, bytes.length - at);
    bytes.set(source.subarray(from, from + first), at);
    if (first < length) bytes.set(source.subarray(from + first, from + length), 0);
  }

  /** Copy `length` bytes from `position` into `target`. */
  copy(position: number, length: number, target: Uint8Array, at: number): void {
    const bytes = this.#bytes;
    const from = position & (bytes.length - 1);
    const first = Math.min(length, bytes.length - from);
    target.set(bytes.subarray(from, from + first), at);
    if (first < length) target.set(bytes.subarray(0, length - first), at + first);
  }

  /** Give the memory back; nothing is held any more. */
  clear(): void {
    this.#bytes = new Uint8Array(0);
  }
}
