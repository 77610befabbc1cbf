/** Clock granularity: what a timestamp can tell apart. */
const GRANULARITY = 1;

export interface RtoLimits {
  /** Milliseconds. RFC 6298 asks for 1,000; every large system uses about 200, and tail-loss probes lean on it. */
  readonly least: number;
  readonly most: number;
  readonly initial: number;
}

/** Smoothed round-trip time and the retransmission timeout it gives (RFC 6298). All in milliseconds. */
export class RoundTrip {
  readonly #limits: RtoLimits;
  #smoothed = 0;
  #variation = 0;
  #base: number;
  #backoff = 0;

  constructor(limits: RtoLimits) {
    this.#limits = limits;
    this.#base = limits.initial;
  }

  /** 0 until a first sample. */
  get smoothed(): number {
    return this.#smoothed;
  }

  /** The timeout now, doubled for every time it ran out since something new was acknowledged (5.5). */
  get timeout(): number {
    return Math.min(this.#limits.most, this.#base * 2 ** this.#backoff);
  }

  get backoff(): number {
    return this.#backoff;
  }

  /** One measured round trip (section 2). */
  sample(ms: number): void {
    const rtt = Math.max(ms, 0);
    if (this.#smoothed === 0) {
      this.#smoothed = Math.max(rtt, GRANULARITY / 8);
      this.#variation = rtt / 2;
    } else {
      this.#variation += (Math.abs(this.#smoothed - rtt) - this.#variation) / 4;
      this.#smoothed += (rtt - this.#smoothed) / 8;
    }
    const spread = Math.max(GRANULARITY, 4 * this.#variation);
    this.#base = Math.min(this.#limits.most, Math.max(this.#limits.least, this.#smoothed + spread));
  }

  backOff(): void {
    this.#backoff = Math.min(this.#backoff + 1, 16);
  }

  /** New data was acknowledged: the path lives (RFC 6298 section 5.7, RFC 9293 section 3.8.1). */
  settle(): void {
    this.#backoff = 0;
  }

  /** A SYN had to be sent again: begin with 3 seconds (5.7). */
  synWasLost(): void {
    this.#base = Math.max(this.#base, Math.min(3000, this.#limits.most));
  }
}
