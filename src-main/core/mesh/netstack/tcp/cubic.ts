/** Multiplicative decrease and the cubic's scale (RFC 9438 sections 4.6 and 5.1). */
const BETA = 0.7;
const C = 0.4;
/** Additive increase that matches Reno's rate for this beta (section 4.3). */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);
/** Of bytes acknowledged at once, this many segments count in slow start where sending is not paced (RFC 9406 section 4.2). */
const SLOW_START_LIMIT = 8;
/** RFC 6928. */
const initialWindow = (mss: number): number => Math.min(10 * mss, Math.max(2 * mss, 14_600));

export interface CubicState {
  readonly window: number;
  readonly threshold: number;
  readonly wMax: number;
}

/** CUBIC congestion control (RFC 9438). Windows in bytes, times in milliseconds. Knows nothing of segments, only of their size. */
export class Cubic {
  #mss: number;
  #window: number;
  #threshold = Number.POSITIVE_INFINITY;
  /** Window before the last reduction, after fast convergence. */
  #wMax = 0;
  /** Start of this congestion avoidance; null outside one. */
  #epoch: number | null = null;
  #k = 0;
  #estimate = 0;
  /** The window when the epoch began. */
  #from = 0;

  constructor(mss: number) {
    this.#mss = mss;
    this.#window = initialWindow(mss);
  }

  get window(): number {
    return this.#window;
  }

  get threshold(): number {
    return this.#threshold;
  }

  get inSlowStart(): boolean {
    return this.#window < this.#threshold;
  }

  /** The path's segment size has changed; the window keeps its bytes, and at least two segments. */
  resize(mss: number): void {
    this.#mss = mss;
    this.#window = Math.max(this.#window, 2 * mss);
  }

  /** `bytes` more have arrived while the window, not the application, was the limit. @param rtt smoothed, milliseconds. */
  acknowledged(bytes: number, now: number, rtt: number): void {
    if (this.inSlowStart) {
      this.#window += Math.min(bytes, SLOW_START_LIMIT * this.#mss);
      return;
    }
    const mss = this.#mss;
    if (this.#epoch === null) this.#begin(now);
    const t = (now - (this.#epoch ?? now)) / 1000;
    const cubic = (at: number): number => (C * (at - this.#k) ** 3 + this.#wMax / mss) * mss;
    // Section 4.3: what Reno would have by now; once that is past the old maximum, Reno's own increase of 1.
    const alpha = this.#estimate >= this.#wMax ? 1 : ALPHA;
    this.#estimate += alpha * mss * (bytes / this.#window);
    if (cubic(t) < this.#estimate) {
      this.#window = Math.max(this.#window, this.#estimate);
      return;
    }
    // Section 4.2: aim at where the cubic will be one round trip from now, and never more than half as much again.
    const target = Math.min(Math.max(cubic(t + rtt / 1000), this.#window), 1.5 * this.#window);
    this.#window += (target - this.#window) * Math.min(1, bytes / this.#window);
  }

  /** Loss seen by duplicate acknowledgements: once a round trip. @param flight bytes outstanding. */
  lost(flight: number): void {
    this.#reduce(flight);
    this.#window = this.#threshold;
  }

  /** The retransmission timer ran out for the first time for this data (section 4.8, RFC 5681 equation 4). */
  timedOut(flight: number): void {
    this.#reduce(flight);
    this.collapse();
  }

  /** The timer ran out again: one segment, the threshold as it is. */
  collapse(): void {
    this.#window = this.#mss;
    this.#epoch = null;
  }

  /** What to go back to, should a reduction prove unfounded. */
  save(): CubicState {
    return { window: this.#window, threshold: this.#threshold, wMax: this.#wMax };
  }

  /** There was no loss: the reduction since `state` was saved is taken back (RFC 4015 section 3.2, RFC 9438 section 4.9). */
  restore(state: CubicState): void {
    this.#window = Math.max(this.#window, state.window);
    this.#threshold = Math.max(this.#threshold, state.threshold);
    this.#wMax = state.wMax;
    this.#epoch = null;
  }

  /** Slow start has gone far enough, as HyStart++ judges. */
  leaveSlowStart(): void {
    this.#threshold = this.#window;
  }

  /** Nothing was sent for longer than the timeout: what was learned of the path has aged (RFC 5681 section 4.1). */
  idle(): void {
    this.#window = Math.min(this.#window, initialWindow(this.#mss));
    this.#epoch = null;
  }

  #reduce(flight: number): void {
    // Fast convergence (section 4.7): a window below the last maximum leaves room for newcomers.
    this.#wMax = this.#window < this.#wMax ? (this.#window * (1 + BETA)) / 2 : this.#window;
    // What is in flight and not the window: an application that sends little has proved nothing about the window.
    this.#threshold = Math.max(2 * this.#mss, Math.min(this.#window, Math.max(flight, 2 * this.#mss)) * BETA);
    this.#epoch = null;
  }

  #begin(now: number): void {
    this.#epoch = now;
    this.#from = this.#window;
    this.#estimate = this.#window;
    if (this.#wMax < this.#window) this.#wMax = this.#window;
    this.#k = Math.cbrt((this.#wMax - this.#from) / this.#mss / C);
  }
}
