import { contains, type Prefix } from '../wire/prefix.ts';
import type { RouteRequest } from '../wire/route-request.ts';
import { announceOwn, announceTo } from './announce.ts';
import { askersKept, dumpInterval, floodBurst, floodRate, maxGeneration, queryTimeout } from './constants.ts';
import { endQuery, peersExcept, type RouterCore, send, settle } from './core.ts';
import type { PeerId } from './effects.ts';
import type { Link } from './link.ts';
import { takeIfDue } from './pace.ts';
import { routesFor } from './room.ts';
import { isReachable, type PrefixRoutes } from './routes.ts';
import { askOfferers } from './seqno-requests.ts';

/* Routes on demand: a request floods until it meets somebody who knows; the answer is an ordinary Update. */

/** A packet waits for a route to the prefix. */
export function need(core: RouterCore, prefix: Prefix): void {
  const routes = core.queried.size < core.limits.queries ? routesFor(core, prefix, null) : null;
  if (routes === null) {
    core.effects.push({ type: 'forward', prefix, forwarding: { state: 'unknown' } });
    return;
  }
  if (routes.selected !== null || routes.query !== null) return;
  // Offers that we may not take: a newer seqno would make them good. Others may know a way that we have not heard of.
  askOfferers(core, routes);
  query(core, routes, 0, null);
}

function query(core: RouterCore, routes: PrefixRoutes, generation: number, except: PeerId | null): void {
  core.queried.add(routes);
  routes.queryEnds = core.wheel.now() + queryTimeout;
  routes.query = core.wheel.schedule(routes.queryEnds, () => {
    endQuery(core, routes);
    settle(core, routes);
  });
  flood(core, routes, generation, peersExcept(core, except));
  settle(core, routes);
}

function flood(core: RouterCore, routes: PrefixRoutes, generation: number, peers: readonly PeerId[]): void {
  const { prefix } = routes;
  const to = core.requests.ask(prefix, generation, peers, core.wheel.now());
  send(core, to, { type: 'route-request', generation, prefix });
}

/** A route in use nears its end: ask who it came from, or everybody. */
export function refresh(core: RouterCore, routes: PrefixRoutes, nextHopOnly: boolean): void {
  const { selected, prefix } = routes;
  if (nextHopOnly && selected !== null) {
    send(core, [selected.link.peer], { type: 'route-request', generation: 0, prefix });
  } else flood(core, routes, 0, peersExcept(core, null));
}

/** A new neighbour may know what others did not. */
export function askForPending(core: RouterCore, peer: PeerId): void {
  for (const routes of core.queried) flood(core, routes, 0, [peer]);
}

/** How much of the searches under way may be for neighbours. */
const shareForOthers = 3 / 4;
const floodRule = { interval: 1000 / floodRate, burst: floodBurst };

export function receiveRouteRequest(core: RouterCore, from: Link, request: RouteRequest): void {
  const { prefix } = request;
  if (prefix === null) {
    dump(core, from);
    return;
  }
  if (contains(core.self.subnet, prefix.bytes) && prefix.length >= core.self.subnet.length) {
    announceOwn(core, [from.peer]);
    return;
  }
  const known = core.rib.get(prefix.key);
  if (known !== undefined && (known.query !== null || known.selected !== null || known.entries.some(isReachable))) {
    if (known.selected !== null) announceTo(core, known, [from.peer]);
    else {
      noteAsker(known, from.peer);
      if (known.query === null) askOfferers(core, known);
    }
    return;
  }
  // What was withdrawn a moment ago is as good as unknown: the asker may have lost it by that, and waits 15 s for what it asks now.
  const generation = request.generation + 1;
  // The last part is for what packets need here, so that neighbours cannot ask it away.
  if (generation >= maxGeneration || core.queried.size >= core.limits.queries * shareForOthers) return;
  if (!takeIfDue(from.floods, floodRule, core.wheel.now())) return;
  const routes = routesFor(core, prefix, null);
  if (routes === null) return;
  noteAsker(routes, from.peer);
  query(core, routes, generation, from.peer);
}

/** What is found may have to wait before it is announced to all (announce.ts): who asked is answered at once. */
function noteAsker(routes: PrefixRoutes, peer: PeerId): void {
  routes.askers ??= new Set();
  if (routes.askers.size < askersKept) routes.askers.add(peer);
}

/** Everything we know, which costs a lot and so is not done twice in a row. */
function dump(core: RouterCore, to: Link): void {
  const now = core.wheel.now();
  if (now - to.dumpedAt < dumpInterval) return;
  to.dumpedAt = now;
  for (const routes of core.rib.values()) if (routes.selected !== null) announceTo(core, routes, [to.peer]);
  announceOwn(core, [to.peer]);
}
