import type { Prefix } from '../wire/prefix.ts';
import type { RouterId } from '../wire/router-id.ts';
import type { Update } from '../wire/update.ts';
import * as k from './constants.ts';
import { peersExcept, type RouterCore, send } from './core.ts';
import type { PeerId } from './effects.ts';
import { infinite } from './metric.ts';
import { nextTurn, takeTurn } from './pace.ts';
import { costOfEntry, type PrefixRoutes } from './routes.ts';

/** Our own subnet, to these neighbours. */
export function announceOwn(core: RouterCore, to: readonly PeerId[]): void {
  send(core, to, update(core.self.subnet, core.seqno, 0, core.self.routerId));
}

/**
 * What we use for the prefix, to these neighbours but the one it goes through (split horizon); or its withdrawal, which
 * carries our own router id and seqno.
 */
export function announceTo(core: RouterCore, routes: PrefixRoutes, to: readonly PeerId[]): void {
  const { selected, prefix } = routes;
  if (selected === null) {
    send(core, to, update(prefix, core.seqno, infinite, core.self.routerId));
    return;
  }
  if (to.length === 0) return;
  const metric = costOfEntry(selected);
  const others = to.includes(selected.link.peer) ? to.filter((peer) => peer !== selected.link.peer) : to;
  if (others.length > 0) routes.told = selected.routerId.key;
  core.sources.sent(prefix, selected.routerId.key, selected.seqno, metric, core.wheel.now());
  send(core, others, update(prefix, selected.seqno, metric, selected.routerId));
}

/** To all neighbours. */
function announce(core: RouterCore, routes: PrefixRoutes): void {
  const { selected } = routes;
  stopWaiting(routes);
  routes.announcedAt = core.wheel.now();
  poison(core, routes);
  routes.announced =
    selected === null
      ? null
      : { routerKey: selected.routerId.key, metric: costOfEntry(selected), via: selected.link.peer };
  routes.told = null;
  announceTo(core, routes, peersExcept(core, selected?.link.peer ?? null));
}

/**
 * The neighbour that we now go through was told of a route by us before, and split horizon will never tell it better: take
 * it back. Feasibility rules out that it uses ours as long as both speak of one source; after a restart of the owner there
 * are two, and without this the two of us could point at each other until the route expires.
 */
function poison(core: RouterCore, routes: PrefixRoutes): void {
  const { selected, announced, prefix } = routes;
  if (selected === null || routes.told === null || announced?.via === selected.link.peer) return;
  send(core, [selected.link.peer], update(prefix, core.seqno, infinite, core.self.routerId));
}

/** The route goes another way at a like cost: only the neighbours at its old and its new beginning need to know. */
function tellBeginnings(core: RouterCore, routes: PrefixRoutes): void {
  const { selected, announced } = routes;
  if (selected === null || announced === null || announced.via === selected.link.peer) return;
  poison(core, routes);
  const before = announced.via;
  routes.announced = { ...announced, via: selected.link.peer };
  if (core.links.has(before)) announceTo(core, routes, [before]);
}

/**
 * Tell all neighbours when what they know is wrong: a route where there was none, none where there was one, another source,
 * or a metric that moved much. A withdrawal goes at once. All else can wait: so that a wobbling link does not keep the network
 * busy, nor a neighbour that offers more, or changes its mind more often, than is good for the others; and what rests on a link
 * whose cost is not known yet.
 *
 * @param inTurn whether this is what was put off before
 * @returns whether all were told
 */
export function announceIfNews(core: RouterCore, routes: PrefixRoutes, inTurn = false): boolean {
  const { selected, announced } = routes;
  if (selected === null) {
    if (routes.told === null) return false;
    announce(core, routes);
    return true;
  }
  const changed = announced === null || announced.routerKey !== selected.routerId.key;
  if (!changed && Math.abs(costOfEntry(selected) - announced.metric) <= k.bigChange) {
    tellBeginnings(core, routes);
    return false;
  }
  if (changed && routes.waits === 'metric') stopWaiting(routes);
  if (routes.announceTimer === null) {
    const now = core.wheel.now();
    const due = inTurn ? now : dueTime(core, routes, changed);
    if (due <= now) {
      announce(core, routes);
      return true;
    }
    if (due - now <= k.longestWait) later(core, routes, due, changed);
  }
  if (!changed) tellBeginnings(core, routes);
  else if (routes.told !== null && routes.told !== selected.routerId.key && selected.link.smoothed !== null) {
    // What is not said yet must not leave them with what is not so any more.
    withdraw(core, routes);
  }
  return false;
}

const newsRule = { interval: 1000 / k.newsRate, burst: k.newsBurst };
const flapRule = { interval: k.flapForgotten, burst: k.flapBurst };

/** When the change may be announced; that turn is then taken. */
function dueTime(core: RouterCore, routes: PrefixRoutes, changed: boolean): number {
  const { selected, flaps } = routes;
  const now = core.wheel.now();
  if (selected === null) return now;
  const { link } = selected;
  let due = Math.max(now, nextTurn(link.news, newsRule));
  if (!changed) due = Math.max(due, routes.announcedAt + k.metricAnnounceInterval);
  else {
    due = Math.max(due, nextTurn(flaps, flapRule));
    if (link.smoothed === null) due = Math.max(due, link.since + k.measureWait);
  }
  if (due - now > k.longestWait) return due;
  takeTurn(link.news, newsRule, now);
  if (changed) takeTurn(flaps, flapRule, now);
  return due;
}

function later(core: RouterCore, routes: PrefixRoutes, due: number, changed: boolean): void {
  routes.waits = changed ? 'route' : 'metric';
  routes.announceTimer = core.wheel.schedule(due, () => {
    stopWaiting(routes);
    announceIfNews(core, routes, true);
  });
}

function stopWaiting(routes: PrefixRoutes): void {
  routes.announceTimer?.cancel();
  routes.announceTimer = null;
  routes.waits = null;
}

/** They are told that there is none, whatever we use; what we use is announced when its turn has come. */
function withdraw(core: RouterCore, routes: PrefixRoutes): void {
  routes.announced = null;
  routes.told = null;
  send(core, peersExcept(core, null), update(routes.prefix, core.seqno, infinite, core.self.routerId));
}

function update(prefix: Prefix, seqno: number, metric: number, routerId: RouterId): Update {
  return { type: 'update', prefix, interval: k.updateField, seqno, metric, routerId };
}
