import { ByteRing } from './byte-ring.ts';
import { Ranges } from './ranges.ts';

/** More gaps than this are not kept: a sender with so many holes repairs them just as well in two rounds. */
const maxGaps = 128;
/** An option area of 40 bytes holds 4 blocks, or 3 beside timestamps (RFC 2018 section 3). */
const maxBlocks = 4;

/**
 * The receiving side's bytes: those in order that the application has not read yet (`head` to `next`), and those beyond
 * a gap. Never more than `capacity` bytes from `head`, whatever arrives. Of overlapping data the first to arrive stands.
 */
export class ReceiveBuffer {
  readonly #ring = new ByteRing();
  readonly #beyond = new Ranges(maxGaps);
  /** Positions in ranges beyond the gap, the most recently received first. */
  #recent: number[] = [];
  #head: number;
  #next: number;
  #capacity: number;

  constructor(position: number, capacity: number) {
    this.#head = position;
    this.#next = position;
    this.#capacity = capacity;
  }

  /** RCV.NXT, without FIN. */
  get next(): number {
    return this.#next;
  }

  /** Bytes that can be read. */
  get readable(): number {
    return this.#next - this.#head;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Whether data waits beyond a gap. */
  get hasGap(): boolean {
    return this.#beyond.count > 0;
  }

  /** Positions from here on are refused. */
  get limit(): number {
    return this.#head + this.#capacity;
  }

  /** Only ever grows: the window's right edge never moves back (RFC 9293 section 3.8.6). */
  grow(capacity: number): void {
    this.#capacity = Math.max(this.#capacity, capacity);
  }

  /**
   * Take `length` bytes for `position`.
   * @returns 'ordered' when RCV.NXT moved, 'beyond' when they wait behind a gap, 'old' when nothing of it was new, 'refused' when it lies
   * outside the buffer or would be one gap too many.
   */
  take(position: number, source: Uint8Array, from: number, length: number): 'ordered' | 'beyond' | 'old' | 'refused' {
    const start = Math.max(position, this.#next);
    const end = Math.min(position + length, this.limit);
    if (end <= start) return position + length <= this.#next ? 'old' : 'refused';
    const offset = from + (start - position);
    if (start > this.#next) return this.#takeBeyond(start, end, source, offset);
    this.#ring.ensure(this.#head, end - this.#head);
    this.#fill(start, end, source, offset);
    this.#next = end;
    if (this.#beyond.count > 0) this.#absorb();
    return 'ordered';
  }

  /** The next `most` bytes or fewer, copied out; null when there are none. */
  read(most: number): Uint8Array | null {
    const length = Math.min(most, this.readable);
    if (length <= 0) return null;
    // Filled at once, so there is no need to clear it first.
    const out = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    this.#ring.copy(this.#head, length, out, 0);
    this.#head += length;
    return out;
  }

  /**
   * SACK blocks (RFC 2018 section 4): the range that the last segment fell into first, then the ones reported before it.
   * Written as pairs into `into`. @returns how many blocks.
   */
  blocks(into: number[], most: number): number {
    let count = 0;
    for (const position of this.#recent) {
      if (count >= most) break;
      const index = this.#beyond.after(position);
      const start = this.#beyond.start(index);
      if (index >= this.#beyond.count || start > position) continue;
      let known = false;
      for (let i = 0; i < count; i++) known ||= into[i * 2] === start;
      if (known) continue;
      into[count * 2] = start;
      into[count * 2 + 1] = this.#beyond.end(index);
      count++;
    }
    return count;
  }

  /** Whether it holds memory and no bytes. */
  get isSlack(): boolean {
    return this.#ring.size > 0 && this.#head === this.#next && this.#beyond.count === 0;
  }

  /** Give all memory back: nothing waits, or nobody will read any more. */
  clear(): void {
    this.#ring.clear();
    this.#beyond.clear();
    this.#recent = [];
    this.#head = this.#next;
  }

  #takeBeyond(start: number, end: number, source: Uint8Array, offset: number): 'beyond' | 'old' | 'refused' {
    if (this.#beyond.covers(start, end)) {
      this.#note(start);
      return 'old';
    }
    this.#ring.ensure(this.#head, end - this.#head);
    this.#fill(start, end, source, offset);
    if (this.#beyond.add(start, end) < 0) return 'refused';
    this.#note(start);
    return 'beyond';
  }

  /** Write only what is not there yet. */
  #fill(start: number, end: number, source: Uint8Array, offset: number): void {
    let at = start;
    for (let i = this.#beyond.after(start); at < end; i++) {
      const stop = Math.min(end, this.#beyond.start(i));
      if (stop > at) this.#ring.put(at, source, offset + (at - start), stop - at);
      at = Math.max(at, this.#beyond.end(i));
    }
  }

  /** Ranges that RCV.NXT has reached are in order now. */
  #absorb(): void {
    // Ranges do not touch each other, so at most one of them continues what is in order.
    const index = this.#beyond.after(this.#next);
    if (this.#beyond.start(index) <= this.#next) this.#next = this.#beyond.end(index);
    this.#beyond.dropBelow(this.#next);
    this.#recent = this.#recent.filter((position) => position >= this.#next);
  }

  #note(position: number): void {
    const index = this.#beyond.after(position);
    const [start, end] = [this.#beyond.start(index), this.#beyond.end(index)];
    this.#recent = [position, ...this.#recent.filter((p) => p < start || p >= end)].slice(0, maxBlocks);
  }
}
