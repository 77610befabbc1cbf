/** Constants of RFC 9406 section 4.3, milliseconds. */
const MIN_THRESHOLD = 4;
const MAX_THRESHOLD = 16;
const DIVISOR = 8;
const SAMPLES = 8;
const CSS_DIVISOR = 4;
const CSS_ROUNDS = 5;

/**
 * HyStart++ (RFC 9406): leaves slow start when the round trip grows, before a queue overflows. Rounds are told apart by
 * positions: one ends when what was sent at its start is acknowledged.
 */
export class HyStart {
  #roundEnd = Number.NEGATIVE_INFINITY;
  #last = Number.POSITIVE_INFINITY;
  #current = Number.POSITIVE_INFINITY;
  #samples = 0;
  /** Conservative slow start: the round trip that it began with; null outside. */
  #baseline: number | null = null;
  #rounds = 0;

  /**
   * One acknowledgement in slow start. @param una now acknowledged. @param next the next to be sent. @param rtt sample in milliseconds.
   * @returns 'grow' in slow start, 'creep' in conservative slow start (count a quarter of the bytes), 'leave' when it is over.
   */
  acknowledged(una: number, next: number, rtt: number): 'grow' | 'creep' | 'leave' {
    if (una >= this.#roundEnd) this.#newRound(next);
    this.#current = Math.min(this.#current, rtt);
    this.#samples++;
    if (this.#baseline === null) {
      if (this.#samples < SAMPLES || this.#last === Number.POSITIVE_INFINITY) return 'grow';
      const threshold = Math.min(MAX_THRESHOLD, Math.max(MIN_THRESHOLD, this.#last / DIVISOR));
      if (this.#current < this.#last + threshold) return 'grow';
      this.#baseline = this.#current;
      this.#rounds = 0;
      return 'creep';
    }
    if (this.#samples >= SAMPLES && this.#current < this.#baseline) {
      // The growth was a passing one: back to slow start.
      this.#baseline = null;
      return 'grow';
    }
    return this.#rounds >= CSS_ROUNDS ? 'leave' : 'creep';
  }

  static readonly creepDivisor = CSS_DIVISOR;

  #newRound(next: number): void {
    this.#roundEnd = next;
    this.#last = this.#current;
    this.#current = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    if (this.#baseline !== null) this.#rounds++;
  }
}
