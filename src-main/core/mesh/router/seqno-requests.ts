import { contains } from '../wire/prefix.ts';
import type { RouterId } from '../wire/router-id.ts';
import type { SeqnoRequest } from '../wire/seqno-request.ts';
import { announceOwn, announceTo } from './announce.ts';
import {
  seqnoAskBurst,
  seqnoAskRate,
  seqnoBumpInterval,
  seqnoNoteBurst,
  seqnoNoteRate,
  seqnoRequestHops,
} from './constants.ts';
import { peersExcept, type RouterCore, send } from './core.ts';
import type { PeerId } from './effects.ts';
import type { Link } from './link.ts';
import { takeIfDue } from './pace.ts';
import { costOfEntry, isReachable, type PrefixRoutes, type RouteEntry } from './routes.ts';
import { isNewer, nextSeqno } from './seqno.ts';

const askRule = { interval: 1000 / seqnoAskRate, burst: seqnoAskBurst };
const noteRule = { interval: 1000 / seqnoNoteRate, burst: seqnoNoteBurst };

/**
 * A route was lost: ask these neighbours for one to the source that is newer than all we ever advertised. Not more
 * often than is good for them.
 */
export function askSeqno(core: RouterCore, routes: PrefixRoutes, routerId: RouterId, links: readonly Link[]): void {
  const now = core.wheel.now();
  ask(core, routes, routerId, links, (link) => takeIfDue(link.seqnoAsks, askRule, now));
}

/**
 * Somebody needs a route, and nothing offered is feasible: ask all neighbours that offer something for the prefix, each for the source it
 * offers.
 */
export function askOfferers(core: RouterCore, routes: PrefixRoutes): void {
  for (const entry of routes.entries) {
    if (isReachable(entry)) ask(core, routes, entry.routerId, [entry.link], () => true);
  }
}

function ask(
  core: RouterCore,
  routes: PrefixRoutes,
  routerId: RouterId,
  links: readonly Link[],
  may: (link: Link) => boolean,
): void {
  const { prefix } = routes;
  const seqno = core.sources.wantedSeqno(prefix, routerId.key);
  const to: PeerId[] = [];
  for (const link of links) {
    if (may(link) && core.seqnos.mayAsk(prefix, routerId, seqno, link.peer, core.wheel.now())) to.push(link.peer);
  }
  send(core, to, { type: 'seqno-request', prefix, seqno, hops: seqnoRequestHops, routerId });
}

export function receiveSeqnoRequest(core: RouterCore, from: Link, request: SeqnoRequest): void {
  const { prefix, routerId, seqno } = request;
  if (prefix.key === core.self.subnet.key) {
    // Another router id is that of a run of ours before this one: what holds now is the answer.
    if (routerId.key === core.self.routerId.key) answerOwn(core, from, seqno);
    else announceOwn(core, [from.peer]);
    return;
  }
  const routes = core.rib.get(prefix.key);
  if (routes === undefined || contains(core.self.subnet, prefix.bytes)) return;
  const { selected } = routes;
  if (selected !== null && (selected.routerId.key !== routerId.key || !isNewer(seqno, selected.seqno))) {
    // Through the asker itself there is nothing to offer: split horizon.
    announceTo(core, routes, [from.peer]);
    return;
  }
  const now = core.wheel.now();
  if (!takeIfDue(from.seqnoNotes, noteRule, now)) return;
  if (!core.seqnos.note(prefix, routerId, seqno, from.peer, now) || request.hops < 2) return;
  const next = nextHopFor(core, routes, request, from);
  if (next !== null) send(core, [next.peer], { ...request, hops: request.hops - 1 });
}

/** One neighbour to pass it on to: the one we use, then the nearest whose offer we might use, then the nearest at all. */
function nextHopFor(core: RouterCore, routes: PrefixRoutes, request: SeqnoRequest, from: Link): Link | null {
  const now = core.wheel.now();
  const rank = (entry: RouteEntry): number => {
    if (entry === routes.selected) return 0;
    return core.sources.feasible(routes.prefix, entry.routerId.key, entry.seqno, entry.metric) ? 1 : 2;
  };
  const offers = routes.entries
    .filter((entry) => entry.link !== from && isReachable(entry))
    .sort((a, b) => rank(a) - rank(b) || costOfEntry(a) - costOfEntry(b));
  for (const { link } of offers) {
    if (core.seqnos.mayAsk(request.prefix, request.routerId, request.seqno, link.peer, now)) return link;
  }
  return null;
}

/**
 * Somebody cannot reach us with what we said so far. One step a request and a few seconds, so that nobody can drive our
 * seqno round; when ours is new enough already, saying so is the answer (the daemon stays silent).
 */
function answerOwn(core: RouterCore, from: Link, seqno: number): void {
  if (!isNewer(seqno, core.seqno)) {
    announceOwn(core, [from.peer]);
    return;
  }
  const now = core.wheel.now();
  if (now - core.seqnoBumpedAt < seqnoBumpInterval) return;
  core.seqno = nextSeqno(core.seqno);
  core.seqnoBumpedAt = now;
  announceOwn(core, peersExcept(core, null));
}
