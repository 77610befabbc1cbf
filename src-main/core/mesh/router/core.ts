import type { NodeIdentity } from '../identity/node-identity.ts';
import type { TimingWheel } from '../time/timing-wheel.ts';
import type { ControlMessage } from '../wire/control.ts';
import type { Prefix } from '../wire/prefix.ts';
import { flapsKept } from './constants.ts';
import type { Effect, Forwarding, PeerId } from './effects.ts';
import type { Hand } from './hand.ts';
import type { Link } from './link.ts';
import type { Neighbours } from './neighbours.ts';
import type { RequestMemory } from './request-memory.ts';
import type { PrefixRoutes, RouteEntry } from './routes.ts';
import type { SeqnoMemory } from './seqno-memory.ts';
import type { SourceTable } from './source-table.ts';

/** What hostile neighbours may make us remember. */
export interface RouterLimits {
  /** Prefixes known, with or without a route. */
  readonly prefixes: number;
  /** Prefixes of which it is remembered what was said of them. */
  readonly sources: number;
  /** Prefixes asked for at one time. */
  readonly queries: number;
  /** Requests for a newer seqno under way, ours and those of others. */
  readonly seqnoRequests: number;
}

export const defaultLimits: RouterLimits = {
  prefixes: 200_000,
  sources: 400_000,
  queries: 10_000,
  seqnoRequests: 50_000,
};

/** The router's state, on which the modules beside this one work. */
export interface RouterCore {
  readonly self: NodeIdentity;
  readonly limits: RouterLimits;
  readonly wheel: TimingWheel;
  /** Of the call that runs; the wheel's clock is behind it while what is overdue fires. */
  now: number;
  readonly links: Map<PeerId, Link>;
  readonly neighbours: Neighbours;
  /** By prefix key. */
  readonly rib: Map<string, PrefixRoutes>;
  /** Of prefixes that flapped and are forgotten since, how often: {@link PrefixRoutes.flaps}. */
  readonly flapped: Map<string, number>;
  /** Where among the prefixes of the link with the most to look for one to forget. */
  readonly goes: Hand<PrefixRoutes>;
  readonly sources: SourceTable;
  readonly requests: RequestMemory;
  readonly seqnos: SeqnoMemory;
  /** Prefixes whose query runs. */
  readonly queried: Set<PrefixRoutes>;
  /** Whether a packet used the route since this was last asked. */
  readonly takeUsed: (prefix: Prefix) => boolean;
  /** Our own, of our subnet. */
  seqno: number;
  seqnoBumpedAt: number;
  /** Filled by the modules, taken by the caller of the router. */
  effects: Effect[];
}

export function send(core: RouterCore, to: readonly PeerId[], message: ControlMessage): void {
  if (to.length > 0) core.effects.push({ type: 'send', to, message });
}

/** All neighbours but one. */
export function peersExcept(core: RouterCore, except: PeerId | null): readonly PeerId[] {
  return core.neighbours.but(except);
}

/** Tell forwarding what holds for the prefix now, when that changed, and forget a prefix that nothing is known of. */
export function settle(core: RouterCore, routes: PrefixRoutes): void {
  const forwarding = forwardingOf(routes);
  if (!same(routes.forwarding, forwarding)) {
    routes.forwarding = forwarding;
    core.effects.push({ type: 'forward', prefix: routes.prefix, forwarding });
  }
  if (forwarding.state === 'unknown') {
    routes.announceTimer?.cancel();
    core.rib.delete(routes.prefix.key);
    rememberFlaps(core, routes);
  }
}

/** Else a prefix that is withdrawn for long enough, or whose link breaks, could be announced as if for the first time. */
function rememberFlaps({ flapped, wheel }: RouterCore, { prefix, flaps }: PrefixRoutes): void {
  flapped.delete(prefix.key);
  if (flaps.at <= wheel.now()) return;
  const [oldest] = flapped.keys();
  if (oldest !== undefined && flapped.size >= flapsKept) flapped.delete(oldest);
  flapped.set(prefix.key, flaps.at);
}

function forwardingOf(routes: PrefixRoutes): Forwarding {
  const { selected } = routes;
  if (selected !== null) return { state: 'route', peer: selected.link.peer, routerId: selected.routerId };
  if (routes.query !== null) return { state: 'queried' };
  return { state: routes.entries.length > 0 ? 'unreachable' : 'unknown' };
}

function same(a: Forwarding, b: Forwarding): boolean {
  if (a.state !== 'route' || b.state !== 'route') return a.state === b.state;
  return a.peer === b.peer && a.routerId.key === b.routerId.key;
}

/** Somebody waits for a route to the prefix no more, or got one. */
export function endQuery(core: RouterCore, routes: PrefixRoutes): void {
  routes.query?.cancel();
  routes.query = null;
  core.queried.delete(routes);
}

export function addEntry(routes: PrefixRoutes, entry: RouteEntry): void {
  if (routes.entries.push(entry) === 1) entry.link.named.add(routes);
  entry.link.routes.add(routes);
}

export function removeEntry(routes: PrefixRoutes, entry: RouteEntry): void {
  entry.expiry?.cancel();
  routes.entries.splice(routes.entries.indexOf(entry), 1);
  entry.link.routes.delete(routes);
  if (entry.link.named.delete(routes)) routes.entries[0]?.link.named.add(routes);
  if (routes.selected === entry) routes.selected = null;
}
