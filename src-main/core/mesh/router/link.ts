import type { Timer } from '../time/timing-wheel.ts';
import * as k from './constants.ts';
import type { PeerId } from './effects.ts';
import { largestFinite } from './metric.ts';
import type { PrefixRoutes } from './routes.ts';

/** What the router knows of a neighbour. */
export interface Link {
  readonly peer: PeerId;
  /** What the transport costs whatever its latency. */
  readonly staticCost: number;
  readonly since: number;
  /** Round trip, milliseconds, smoothed; null before the first answer. */
  smoothed: number | null;
  /** What routes over this link cost: follows the measured cost in steps, see {@link settleCost}. */
  cost: number;
  costChangedAt: number;
  helloSeqno: number;
  /** When the Hello that is not answered yet was sent. */
  helloSentAt: number | null;
  heardAt: number;
  helloTimer: Timer | null;
  deathTimer: Timer | null;
  /** Prefixes that have an entry by this neighbour. */
  readonly routes: Set<PrefixRoutes>;
  dumpedAt: number;
  /** Requests it may still have flooded, and when that was counted. */
  floodTokens: number;
  floodCountedAt: number;
}

export function createLink(peer: PeerId, staticCost: number, now: number): Link {
  return {
    peer,
    staticCost,
    since: now,
    smoothed: null,
    cost: costOf(null, staticCost),
    costChangedAt: Number.NEGATIVE_INFINITY,
    helloSeqno: 0,
    helloSentAt: null,
    heardAt: now,
    helloTimer: null,
    deathTimer: null,
    routes: new Set(),
    dumpedAt: Number.NEGATIVE_INFINITY,
    floodTokens: k.floodBurst,
    floodCountedAt: now,
  };
}

function costOf(smoothed: number | null, staticCost: number): number {
  return Math.min(Math.floor(smoothed ?? k.unknownCost) + staticCost, largestFinite);
}

/**
 * The neighbour answered our Hello. An answer that nothing asked for says that it lives, and nothing about latency.
 *
 * The first sample counts whole (the daemon blends it into a start of 1000 and takes minutes to come near the truth).
 *
 * @returns whether the cost of routes over this link changed
 */
export function heard(link: Link, now: number): boolean {
  link.heardAt = now;
  if (link.helloSentAt === null) return false;
  const sample = Math.min(now - link.helloSentAt, 0xffff);
  link.helloSentAt = null;
  const first = link.smoothed === null;
  link.smoothed = link.smoothed === null ? sample : link.smoothed + (sample - link.smoothed) * k.sampleShare;
  return settleCost(link, first, now);
}

/** Let the routes' cost follow the measured one, unless the change is small or the last one recent. */
function settleCost(link: Link, first: boolean, now: number): boolean {
  const measured = costOf(link.smoothed, link.staticCost);
  const change = Math.abs(measured - link.cost);
  const late = now - link.costChangedAt >= k.costChangeInterval;
  if (!first && !(late && change > Math.max(k.bigChange, link.cost * k.costChangeShare))) return false;
  link.cost = measured;
  link.costChangedAt = now;
  return change > 0;
}

/** Take one of the requests the neighbour may have flooded; false when it has none left. */
export function mayFlood(link: Link, now: number): boolean {
  const earned = ((now - link.floodCountedAt) / 1000) * k.floodRate;
  link.floodTokens = Math.min(k.floodBurst, link.floodTokens + earned);
  link.floodCountedAt = now;
  if (link.floodTokens < 1) return false;
  link.floodTokens--;
  return true;
}
