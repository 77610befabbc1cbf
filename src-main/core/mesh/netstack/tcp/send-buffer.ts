import { ByteRing } from './byte-ring.ts';

/** The sending side's bytes, from the oldest unacknowledged to the last written: kept until acknowledged, never more than `capacity`. */
export class SendBuffer {
  readonly #ring = new ByteRing();
  #head: number;
  #end: number;
  #capacity: number;

  constructor(position: number, capacity: number) {
    this.#head = position;
    this.#end = position;
    this.#capacity = capacity;
  }

  /** The position after the last byte written. */
  get end(): number {
    return this.#end;
  }

  get capacity(): number {
    return this.#capacity;
  }

  get space(): number {
    return this.#capacity - (this.#end - this.#head);
  }

  grow(capacity: number): void {
    this.#capacity = Math.max(this.#capacity, capacity);
  }

  /** Append as much of `source` from `from` on as there is room for. @returns how many bytes that was. */
  write(source: Uint8Array, from: number): number {
    const length = Math.min(source.length - from, this.space);
    if (length <= 0) return 0;
    this.#ring.ensure(this.#head, this.#end + length - this.#head);
    this.#ring.put(this.#end, source, from, length);
    this.#end += length;
    return length;
  }

  /** Copy the bytes at `position` into a packet. */
  copy(position: number, length: number, target: Uint8Array, at: number): void {
    this.#ring.copy(position, length, target, at);
  }

  /** Everything before `position` has arrived. */
  release(position: number): void {
    this.#head = Math.min(Math.max(position, this.#head), this.#end);
  }

  /** Whether it holds memory and no bytes. */
  get isSlack(): boolean {
    return this.#ring.size > 0 && this.#head === this.#end;
  }

  clear(): void {
    this.#ring.clear();
    this.#head = this.#end;
  }
}
