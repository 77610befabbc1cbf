import type { Timer } from '../time/timing-wheel.ts';
import type { Prefix } from '../wire/prefix.ts';
import type { RouterId } from '../wire/router-id.ts';
import type { Forwarding, PeerId } from './effects.ts';
import type { Link } from './link.ts';
import { addMetric, infinite } from './metric.ts';
import { createPace, type Pace } from './pace.ts';

/** A way to a prefix, as one neighbour offers it. */
export interface RouteEntry {
  readonly link: Link;
  /** As the neighbour advertised it: the link to it is not in it. */
  metric: number;
  seqno: number;
  routerId: RouterId;
  /** Runs to the next refresh, and at last to the end. */
  expiry: Timer | null;
}

/** All that is known of a prefix. */
export interface PrefixRoutes {
  readonly prefix: Prefix;
  /** At most one for each neighbour, the eldest first. */
  readonly entries: RouteEntry[];
  selected: RouteEntry | null;
  /** Runs while somebody waits for a route. */
  query: Timer | null;
  /** When that ends. */
  queryEnds: number;
  /** Neighbours that asked while there was none, and are told of the next one whatever else has to wait; made when one does. */
  askers: Set<PeerId> | null;
  /** What the neighbours were last told; null after a withdrawal, or before anything. */
  announced: Announced | null;
  /** The source of the route of ours that some neighbour may believe in, told to all or in answer to its request; null for none. */
  told: string | null;
  announcedAt: number;
  /** Of announcements that say more than another metric. */
  readonly flaps: Pace;
  /** Runs while something waits for its turn to be announced. */
  announceTimer: Timer | null;
  /** What that is: only another metric, or a route where there was none, or by another source. */
  waits: 'metric' | 'route' | null;
  /** Whether a packet used the route, as far as forwarding was asked and it mattered not yet. */
  used: boolean;
  /** What forwarding was last told. */
  forwarding: Forwarding;
}

const unknown: Forwarding = { state: 'unknown' };

export interface Announced {
  readonly routerKey: string;
  readonly metric: number;
  /** The neighbour it went through, which was told nothing. */
  readonly via: PeerId;
}

export function createPrefixRoutes(prefix: Prefix): PrefixRoutes {
  return {
    prefix,
    entries: [],
    selected: null,
    query: null,
    queryEnds: 0,
    askers: null,
    announced: null,
    told: null,
    announcedAt: Number.NEGATIVE_INFINITY,
    flaps: createPace(),
    announceTimer: null,
    waits: null,
    used: false,
    forwarding: unknown,
  };
}

/** What a packet by this entry costs from here, and so what we advertise. */
export function costOfEntry(entry: RouteEntry): number {
  return addMetric(entry.metric, entry.link.cost);
}

export function isReachable(entry: RouteEntry): boolean {
  return entry.metric !== infinite;
}
