import { lateNear } from './constants.ts';

/*
 * While a Hello is out, our own program may be late many times: the loop was busy, and nothing that came or was due was looked at.
 * That makes the way look longer only where it kept the Hello from leaving, or its answer from being seen; what was late in
 * between, while either was on its way, took nothing. A loop that is 3 ms late all the time would otherwise make a way of 200 ms
 * one of 125.
 */

/** From when to when the program was late. */
interface Span {
  readonly from: number;
  to: number;
}

/** Spans since a Hello left, those that may matter: the first, and the last two. */
export type LateSpans = Span[];

/** Clocks that are read one after the other. */
const readings = 0.5;

/** The program was late for so many milliseconds up to now. */
export function noteLate(spans: LateSpans, sentAt: number, now: number, ms: number): void {
  const from = Math.max(now - ms, sentAt);
  if (now <= from) return;
  const last = spans.at(-1);
  if (last !== undefined && from - last.to <= readings) {
    last.to = now;
    return;
  }
  spans.push({ from, to: now });
  if (spans.length > 3) spans.splice(1, 1);
}

/**
 * Milliseconds by which an answer that is seen now may have been delayed by us; it may have been by less.
 *
 * Answers are looked for between timers: this one may have lain there since the timer before the last. So what counts is the lateness
 * in which the Hello left, that in which the answer is seen, and the one just before it.
 */
export function lateness(spans: LateSpans, sentAt: number, now: number): number {
  const counts = new Set<Span>();
  const [first] = spans;
  if (first !== undefined && first.from - sentAt <= lateNear) counts.add(first);
  let before = now;
  for (const span of spans.slice(-2).reverse()) {
    if (before - span.to > lateNear) break;
    counts.add(span);
    before = span.from;
  }
  let sum = 0;
  for (const { from, to } of counts) sum += to - from;
  return sum;
}
