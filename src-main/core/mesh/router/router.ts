import type { NodeIdentity } from '../identity/node-identity.ts';
import { createTimingWheel } from '../time/timing-wheel.ts';
import type { ControlMessage } from '../wire/control.ts';
import type { Prefix } from '../wire/prefix.ts';
import { announceOwn } from './announce.ts';
import * as k from './constants.ts';
import { defaultLimits, peersExcept, type RouterCore, type RouterLimits, removeEntry, send } from './core.ts';
import type { Effect, PeerId } from './effects.ts';
import { createHand } from './hand.ts';
import { noteLate } from './late.ts';
import { asks, createLink, heard, type Link } from './link.ts';
import { createNeighbours } from './neighbours.ts';
import { askForPending, need, receiveRouteRequest } from './queries.ts';
import { createRequestMemory } from './request-memory.ts';
import { reselect } from './reselect.ts';
import type { PrefixRoutes } from './routes.ts';
import { createSeqnoMemory } from './seqno-memory.ts';
import { receiveSeqnoRequest } from './seqno-requests.ts';
import { createSourceTable } from './source-table.ts';
import { isRoutable, receiveUpdate } from './updates.ts';

export interface RouterDeps {
  readonly self: NodeIdentity;
  /** Milliseconds on a clock that never goes back; the clock of every later call. */
  readonly now: number;
  /** Whether a packet used the route to the prefix since this was last asked. */
  readonly takeUsed: (prefix: Prefix) => boolean;
  readonly limits?: Partial<RouterLimits>;
}

/**
 * The routing protocol of the mesh as a state machine: distance vector with feasibility and seqnos (Babel, RFC 8966), routes
 * asked for on demand. No sockets, no clock, no randomness: each call says what happened and when, and returns what to do,
 * in order. Time that passed before is made up for first, so a call with the same `now` order always does the same.
 */
export interface Router {
  /** A link is up. @param staticCost what its transport costs besides latency: 10 for TCP over IPv6, 15 over IPv4 */
  peerUp(now: number, peer: PeerId, staticCost: number): Effect[];
  /** A link is gone, for whatever reason. */
  peerDown(now: number, peer: PeerId): Effect[];
  receive(now: number, peer: PeerId, message: ControlMessage): Effect[];
  /** Greet all neighbours now: some may have gone without a word. */
  probe(now: number): Effect[];
  /** The program was late: for so many milliseconds up to now nothing was looked at that came or was due. */
  late(now: number, ms: number): void;
  /** Whether a neighbour's answer is waited for, which that would make look slow. */
  measuring(): boolean;
  /** A packet waits for a route to this prefix, which is unknown or unreachable. */
  need(now: number, prefix: Prefix): Effect[];
  /** Let time pass. To be called when {@link Router.next} is due. */
  advance(now: number): Effect[];
  /** When `advance` has something to do next. */
  next(): number;
  /** For people and tests: what is known. */
  links(): Iterable<Readonly<Link>>;
  routes(): Iterable<Readonly<PrefixRoutes>>;
  routesTo(prefix: Prefix): Readonly<PrefixRoutes> | undefined;
  seqno(): number;
  /** How much is remembered. */
  size(): RouterSize;
}

export interface RouterSize {
  readonly prefixes: number;
  readonly sources: number;
  readonly queries: number;
  readonly requests: number;
  readonly seqnoRequests: number;
}

const sweepInterval = 60_000;

export function createRouter(deps: RouterDeps): Router {
  const limits = { ...defaultLimits, ...deps.limits };
  const links: RouterCore['links'] = new Map();
  const core: RouterCore = {
    self: deps.self,
    limits,
    wheel: createTimingWheel(deps.now),
    now: deps.now,
    links,
    neighbours: createNeighbours(links),
    rib: new Map(),
    flapped: new Map(),
    goes: createHand(),
    sources: createSourceTable(limits.sources, (key) => core.rib.has(key)),
    requests: createRequestMemory(),
    seqnos: createSeqnoMemory(limits.seqnoRequests),
    queried: new Set(),
    takeUsed: deps.takeUsed,
    seqno: 0,
    // Not in the first seconds: neighbours may still speak of the run before.
    seqnoBumpedAt: deps.now,
    effects: [],
  };
  every(core, k.announceInterval, () => announceOwn(core, peersExcept(core, null)));
  every(core, sweepInterval, () => sweep(core));

  const at = (now: number, act: () => void): Effect[] => {
    core.now = Math.max(core.now, now);
    core.wheel.advance(now);
    act();
    const { effects } = core;
    core.effects = [];
    return effects;
  };

  return {
    peerUp: (now, peer, staticCost) =>
      at(now, () => {
        if (core.links.has(peer)) return;
        const link = createLink(peer, staticCost, core.wheel.now());
        core.links.set(peer, link);
        core.neighbours.changed();
        announceOwn(core, [peer]);
        askForPending(core, peer);
        greet(core, link);
        watch(core, link);
      }),
    peerDown: (now, peer) =>
      at(now, () => {
        const link = core.links.get(peer);
        if (link !== undefined) lose(core, link);
      }),
    receive: (now, peer, message) =>
      at(now, () => {
        const link = core.links.get(peer);
        if (link !== undefined) receive(core, link, message);
      }),
    probe: (now) =>
      at(now, () => {
        for (const link of core.links.values()) {
          // One that has a Hello to answer shows by that whether it lives.
          if (link.helloSentAt !== null) continue;
          link.helloTimer?.cancel();
          greet(core, link, k.quickHellos.length);
        }
      }),
    late(now, ms) {
      for (const link of core.links.values()) {
        if (link.helloSentAt !== null) noteLate(link.late, link.helloSentAt, now, ms);
      }
    },
    measuring: () => core.links.values().some((link) => link.helloSentAt !== null),
    need: (now, prefix) =>
      at(now, () => {
        if (isRoutable(prefix)) need(core, prefix);
        else core.effects.push({ type: 'forward', prefix, forwarding: { state: 'unknown' } });
      }),
    advance: (now) => at(now, () => {}),
    // The two periodic timers above always run.
    next: () => core.wheel.next() ?? core.wheel.now() + sweepInterval,
    links: () => core.links.values(),
    routes: () => core.rib.values(),
    routesTo: (prefix) => core.rib.get(prefix.key),
    seqno: () => core.seqno,
    size: () => ({
      prefixes: core.rib.size,
      sources: core.sources.size(),
      queries: core.queried.size,
      requests: core.requests.size(),
      seqnoRequests: core.seqnos.size(),
    }),
  };
}

function receive(core: RouterCore, link: Link, message: ControlMessage): void {
  switch (message.type) {
    case 'hello':
      // At once, once, and never unasked: the neighbour measures the time since its Hello.
      send(core, [link.peer], { type: 'ihu', rxCost: link.cost, interval: k.ihuField });
      return;
    case 'ihu':
      if (heard(link, core.wheel.now())) costChanged(core, link);
      return;
    case 'update':
      receiveUpdate(core, link, message);
      return;
    case 'route-request':
      receiveRouteRequest(core, link, message);
      return;
    case 'seqno-request':
      receiveSeqnoRequest(core, link, message);
  }
}

/** Hello at once, so that the link's cost is known after one round trip, a few times quickly, and from then on regularly. */
function greet(core: RouterCore, link: Link, quick = 0): void {
  const now = core.wheel.now();
  // Not when it was due: it leaves now.
  asks(link, Math.floor(core.now));
  send(core, [link.peer], { type: 'hello', seqno: link.helloSeqno, interval: k.helloField });
  link.helloSeqno = (link.helloSeqno + 1) & 0xffff;
  link.helloTimer = core.wheel.schedule(now + (k.quickHellos[quick] ?? k.helloInterval), () =>
    greet(core, link, quick + 1),
  );
}

function watch(core: RouterCore, link: Link): void {
  link.deathTimer = core.wheel.schedule(link.heardAt + k.deadAfter, () => {
    if (core.wheel.now() - link.heardAt < k.deadAfter) watch(core, link);
    else core.effects.push({ type: 'dead', peer: link.peer });
  });
}

/** All that went over the link is gone, at once: whoever sends next asks anew, instead of waiting for a hold time. */
function lose(core: RouterCore, link: Link): void {
  core.links.delete(link.peer);
  core.neighbours.changed();
  link.helloTimer?.cancel();
  link.deathTimer?.cancel();
  for (const routes of [...link.routes]) {
    const entry = routes.entries.find((one) => one.link === link);
    if (entry === undefined) continue;
    const was = routes.selected?.routerId ?? null;
    const used = routes.selected === entry;
    removeEntry(routes, entry);
    reselect(core, routes, used ? was : null);
  }
}

function costChanged(core: RouterCore, link: Link): void {
  for (const routes of [...link.routes]) reselect(core, routes, routes.selected?.routerId ?? null);
}

function sweep(core: RouterCore): void {
  const now = core.wheel.now();
  core.sources.sweep(now);
  core.goes.letGo();
  core.requests.sweep(now);
  core.seqnos.sweep(now);
  for (const [key, until] of core.flapped) if (until <= now) core.flapped.delete(key);
}

function every(core: RouterCore, interval: number, act: () => void): void {
  core.wheel.schedule(core.wheel.now() + interval, () => {
    act();
    every(core, interval, act);
  });
}
