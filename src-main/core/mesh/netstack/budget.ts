/**
 * Memory that all connections of a stack share, counted when it is promised and not when it is filled: a window once advertised may be
 * used in full by the peer, so only promises can be bounded.
 */
export class Budget {
  readonly #limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** @returns false when it would go over the limit; nothing is taken then. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  /** The same for growth, which may not use the last quarter: that is for new connections, whatever the old ones have become. */
  takeSpare(bytes: number): boolean {
    return this.#used + bytes <= this.#limit * 0.75 && this.take(bytes);
  }

  give(bytes: number): void {
    this.#used = Math.max(0, this.#used - bytes);
  }
}
