/** Opened blocks of segments, the least recently used dropped and overwritten first. */
export class BlockCache {
  readonly #most: number;
  readonly #blocks = new Map<number, Uint8Array>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#most = mostBytes;
  }

  get(key: number): Uint8Array | undefined {
    const block = this.#blocks.get(key);
    if (block) {
      this.#blocks.delete(key);
      this.#blocks.set(key, block);
    }
    return block;
  }

  put(key: number, block: Uint8Array): void {
    this.#blocks.set(key, block);
    this.#bytes += block.length;
    for (const [oldest, bytes] of this.#blocks) {
      if (this.#bytes <= this.#most) break;
      this.#drop(oldest, bytes);
    }
  }

  /** Forget what lies between two keys, the second exclusive. */
  dropBetween(from: number, to: number): void {
    for (const [key, block] of this.#blocks) if (key >= from && key < to) this.#drop(key, block);
  }

  #drop(key: number, block: Uint8Array): void {
    this.#blocks.delete(key);
    this.#bytes -= block.length;
    block.fill(0);
  }
}
