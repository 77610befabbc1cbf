import type { Timer } from '../time/timing-wheel.ts';
import * as k from './constants.ts';
import type { PeerId } from './effects.ts';
import { type LateSpans, lateness } from './late.ts';
import { largestFinite } from './metric.ts';
import { createPace, type Pace } from './pace.ts';
import type { PrefixRoutes } from './routes.ts';

/** What the router knows of a neighbour. */
export interface Link {
  readonly peer: PeerId;
  /** What the transport costs whatever its latency. */
  readonly staticCost: number;
  readonly since: number;
  /** Round trips, milliseconds, the last {@link k.samplesKept}, oldest first. */
  readonly samples: number[];
  /** The middle one of them: one answer that was late moves nothing. Null before the first. */
  smoothed: number | null;
  /** Whether each of the last Hellos was answered before the next, newest in the lowest bit, and how many those are. */
  answered: number;
  asked: number;
  /** What routes over this link cost: follows the measured cost in steps, see {@link settleCost}. */
  cost: number;
  costChangedAt: number;
  helloSeqno: number;
  greeted: boolean;
  /** When the Hello that is not answered yet was sent. */
  helloSentAt: number | null;
  /** When since then our own program was late. */
  late: LateSpans;
  /** Answers in a row that were no measure for that. */
  lostSamples: number;
  heardAt: number;
  helloTimer: Timer | null;
  deathTimer: Timer | null;
  /** Prefixes that have an entry by this neighbour. */
  readonly routes: Set<PrefixRoutes>;
  /** Those of them that count for it: whose eldest entry is by it. */
  readonly named: Set<PrefixRoutes>;
  dumpedAt: number;
  /** Of what others are told unasked about routes over this link. */
  readonly news: Pace;
  /** Of newer seqnos it is asked for because a route was lost. */
  readonly seqnoAsks: Pace;
  /** Of its requests for them that are noted and passed on. */
  readonly seqnoNotes: Pace;
  /** Of its requests for unknown prefixes that are flooded. */
  readonly floods: Pace;
}

export function createLink(peer: PeerId, staticCost: number, now: number): Link {
  return {
    peer,
    staticCost,
    since: now,
    samples: [],
    smoothed: null,
    answered: 0,
    asked: 0,
    cost: costOf(null, 1, staticCost),
    costChangedAt: Number.NEGATIVE_INFINITY,
    helloSeqno: 0,
    greeted: false,
    helloSentAt: null,
    late: [],
    lostSamples: 0,
    heardAt: now,
    helloTimer: null,
    deathTimer: null,
    routes: new Set(),
    named: new Set(),
    dumpedAt: Number.NEGATIVE_INFINITY,
    news: createPace(),
    seqnoAsks: createPace(),
    seqnoNotes: createPace(),
    floods: createPace(),
  };
}

function costOf(smoothed: number | null, tries: number, staticCost: number): number {
  return Math.min(Math.floor((smoothed ?? k.unknownCost) * tries) + staticCost, largestFinite);
}

/** A Hello goes out; what became of the one before it is known now. */
export function asks(link: Link, now: number): void {
  if (link.greeted) note(link, link.helloSentAt === null);
  link.greeted = true;
  link.helloSentAt = now;
  link.late = [];
}

function note(link: Link, answered: boolean): void {
  link.answered = ((link.answered << 1) | Number(answered)) & ((1 << k.hellosCounted) - 1);
  link.asked = Math.min(link.asked + 1, k.hellosCounted);
}

/** How often a Hello must be sent to be answered once, as far as the last ones tell; 1 where none was lost, 4 at most. */
export function triesOf({ answered, asked }: Pick<Link, 'answered' | 'asked'>): number {
  if (asked < k.hellosToJudge) return 1;
  let count = 0;
  for (let bits = answered; bits !== 0; bits >>>= 1) count += bits & 1;
  return Math.min(k.mostTries, asked / Math.max(count, 1));
}

/**
 * The neighbour answered our Hello. An answer that nothing asked for says that it lives, and nothing about latency.
 *
 * One that our own program may have sent or seen late says little about it either: when a thousand neighbours come at once, each would
 * seem far away, and everything would be announced twice.
 *
 * The first sample counts whole (the daemon blends it into a start of 1000 and takes minutes to come near the truth).
 *
 * @returns whether the cost of routes over this link changed
 */
export function heard(link: Link, now: number): boolean {
  link.heardAt = now;
  if (link.helloSentAt === null) return false;
  const took = now - link.helloSentAt;
  const late = lateness(link.late, link.helloSentAt, now);
  const first = link.samples.length === 0;
  link.helloSentAt = null;
  if (late > k.latenessBorne && !first && link.lostSamples < k.lateAnswersLost) {
    link.lostSamples++;
    return false;
  }
  link.lostSamples = 0;
  link.samples.push(Math.min(Math.max(0, Math.round(took - takenOff(late, first))), 0xffff));
  if (link.samples.length > k.samplesKept) link.samples.shift();
  link.smoothed = middle(link.samples);
  return settleCost(link, now);
}

/**
 * What is taken off a measure that lateness may have spoilt. Of a link's first all: a thousand that come at once would else seem far
 * away. Later half, since it is not known how much of it fell on the answer: to take off all would make far links look near for as
 * long as the program is busy, and half of it is right in the middle of cases.
 */
function takenOff(late: number, first: boolean): number {
  if (late <= k.latenessBorne) return 0;
  return first ? late : late / 2;
}

/** The lower one of two in the middle. */
function middle(samples: readonly number[]): number | null {
  return samples.toSorted((a, b) => a - b)[(samples.length - 1) >> 1] ?? null;
}

/** Let the routes' cost follow the measured one, unless the change is small or the last one recent. */
function settleCost(link: Link, now: number): boolean {
  const measured = costOf(link.smoothed, triesOf(link), link.staticCost);
  const change = Math.abs(measured - link.cost);
  const first = link.samples.length === 1;
  // The first few samples come quickly, so that one bad one does not hold for a minute.
  const early = link.samples.length <= k.quickHellos.length + 1;
  const late = early || now - link.costChangedAt >= k.costChangeInterval;
  if (!first && !(late && change > Math.max(k.bigChange, link.cost * k.costChangeShare))) return false;
  link.cost = measured;
  link.costChangedAt = now;
  return change > 0;
}
