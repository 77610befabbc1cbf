import { Ranges } from './ranges.ts';

/** Duplicate acknowledgements, or segments selectively acknowledged above, that prove a loss (RFC 5681, RFC 6675). */
const DUP_THRESHOLD = 3;
/** What it may grow to on a path that reorders. */
const MOST_THRESHOLD = 48;
/** A peer that acknowledges in more pieces than this has the rest of them ignored. */
const maxRanges = 512;

interface Resent {
  readonly start: number;
  end: number;
  /** SND.NXT when it was sent: what is acknowledged from there on was sent later. */
  readonly mark: number;
}

/**
 * What is known about the bytes in flight (RFC 6675): those selectively acknowledged, those taken for lost, those sent again. `lost` is a
 * watermark, since IsLost() of section 4 is monotone: if a byte has enough acknowledged above it, so has every
 * byte below. Everything below the watermark that was not acknowledged is lost; a timeout moves it to the end of all data.
 */
export class Scoreboard {
  readonly #sacked = new Ranges(maxRanges);
  /** HighRxt: below it, what was lost has been sent again. */
  #resentTo = 0;
  #lost = 0;
  #resent: Resent[] = [];
  #una: number;
  #threshold = DUP_THRESHOLD;

  constructor(una: number) {
    this.#una = una;
    this.#resentTo = una;
    this.#lost = una;
  }

  /** The highest position selectively acknowledged; -Infinity when none. */
  get top(): number {
    return this.#sacked.top;
  }

  get anySacked(): boolean {
    return this.#sacked.count > 0;
  }

  /** Whether something in flight is taken for lost. */
  get anyLost(): boolean {
    return this.#lost > this.#una;
  }

  /** Whether the peer has withdrawn a SACK: it holds the first byte but does not acknowledge it (RFC 2018 section 8). */
  get withdrawn(): boolean {
    return this.#sacked.start(0) <= this.#una;
  }

  acknowledged(una: number): void {
    this.#una = una;
    this.#sacked.dropBelow(una);
    this.#resentTo = Math.max(this.#resentTo, una);
    this.#lost = Math.max(this.#lost, una);
    if (this.#resent.length > 0) this.#resent = this.#resent.filter((one) => one.end > una);
  }

  /** A SACK block, already checked to lie in what was sent. @returns whether it told anything new. */
  sack(start: number, end: number): boolean {
    return this.#sacked.add(Math.max(start, this.#una), end) > 0;
  }

  /** How many segments above prove a loss: three, or more where the path was seen to reorder, but never more than half of `flight`. */
  threshold(flight: number, mss: number): number {
    return Math.max(DUP_THRESHOLD, Math.min(this.#threshold, Math.floor(flight / mss / 2)));
  }

  /** What was taken for lost arrived after all: it was overtaken. Nothing is lost, and it takes more to believe it next time. */
  forgive(): void {
    this.#lost = this.#una;
    this.#resentTo = this.#una;
    this.#resent = [];
    this.#threshold = Math.min(MOST_THRESHOLD, this.#threshold * 2);
  }

  /** Mark lost all that has `threshold` segments acknowledged above it: as ranges, or as bytes (RFC 6675 section 4, IsLost). */
  judge(mss: number, threshold: number): void {
    const count = this.#sacked.count;
    if (count >= threshold) this.#markLost(this.#sacked.start(count - threshold));
    let bytes = 0;
    for (let i = count - 1; i >= 0; i--) {
      bytes += this.#sacked.end(i) - this.#sacked.start(i);
      if (bytes > (threshold - 1) * mss) {
        this.#markLost(this.#sacked.start(i));
        break;
      }
    }
    this.#judgeResent(mss, threshold);
  }

  /** Everything below `position` was lost: by the timer, by a probe that came through, or by count where the peer has no SACK. */
  markLost(position: number): void {
    this.#markLost(position);
  }

  /** Send again all that is not acknowledged below `position`, also what was sent again before. */
  restart(position: number): void {
    this.#resentTo = this.#una;
    this.#resent = [];
    this.#markLost(position);
  }

  /** Bytes believed to be in the network (SetPipe): each outstanding byte not lost, and each sent again. */
  pipe(next: number): number {
    if (this.#sacked.count === 0 && this.#lost === this.#una && this.#resentTo === this.#una) return next - this.#una;
    return this.#open(this.#lost, next) + this.#open(this.#una, Math.min(this.#resentTo, next));
  }

  /** First byte to send again (NextSeg rule 1); null when none. @returns the hole that it begins. */
  nextHole(): { start: number; end: number } | null {
    let start = Math.max(this.#una, this.#resentTo);
    if (start >= this.#lost) return null;
    const index = this.#sacked.after(start);
    if (this.#sacked.start(index) <= start) start = this.#sacked.end(index);
    if (start >= this.#lost) return null;
    const until = this.#sacked.start(this.#sacked.after(start));
    return { start, end: Math.min(until, this.#lost) };
  }

  /** `start` to `end` was sent again. @param mark SND.NXT at this moment. */
  resent(start: number, end: number, mark: number): void {
    this.#resentTo = Math.max(this.#resentTo, end);
    const last = this.#resent.at(-1);
    if (last !== undefined && last.mark === mark && last.end === start) last.end = end;
    else this.#resent.push({ start, end, mark });
  }

  /** Distrust every SACK so far: the peer was seen to withdraw one. */
  forgetSacks(): void {
    this.#sacked.clear();
  }

  #markLost(position: number): void {
    if (position > this.#lost) this.#lost = position;
  }

  /**
   * A retransmission that was lost itself: data first sent three segments after it has arrived and it has not. Beyond RFC 6675, which
   * leaves this to the timer; in spirit RFC 8985. Retransmission begins anew from there.
   */
  #judgeResent(mss: number, threshold: number): void {
    const top = this.#sacked.top;
    const index = this.#resent.findIndex(
      (one) => top >= one.mark + threshold * mss && !this.#sacked.covers(Math.max(one.start, this.#una), one.end),
    );
    const found = this.#resent[index];
    if (found === undefined) return;
    this.#resent.length = index;
    this.#resentTo = Math.max(this.#una, found.start);
  }

  /** Bytes of `from` to `to` not selectively acknowledged. */
  #open(from: number, to: number): number {
    return to <= from ? 0 : to - from - this.#sacked.within(from, to);
  }
}
