import type { Prefix } from '../wire/prefix.ts';
import type { RouterId } from '../wire/router-id.ts';
import type { Update } from '../wire/update.ts';
import { bigChange, measureWait, metricAnnounceInterval, updateField } from './constants.ts';
import { peersExcept, type RouterCore, send } from './core.ts';
import type { PeerId } from './effects.ts';
import { infinite } from './metric.ts';
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
  const metric = costOfEntry(selected);
  routes.told = true;
  core.sources.sent(prefix, selected.routerId.key, selected.seqno, metric, core.wheel.now());
  send(
    core,
    to.filter((peer) => peer !== selected.link.peer),
    update(prefix, selected.seqno, metric, selected.routerId),
  );
}

/** To all neighbours. */
function announce(core: RouterCore, routes: PrefixRoutes): void {
  const { selected } = routes;
  routes.announceTimer?.cancel();
  routes.announceTimer = null;
  routes.announcedAt = core.wheel.now();
  poison(core, routes);
  routes.announced =
    selected === null
      ? null
      : { routerKey: selected.routerId.key, metric: costOfEntry(selected), via: selected.link.peer };
  routes.told = false;
  announceTo(core, routes, peersExcept(core, null));
}

/**
 * The neighbour that we now go through was told of a route by us before, and split horizon will never tell it better: take
 * it back. Feasibility rules out that it uses ours as long as both speak of one source; after a restart of the owner there
 * are two, and without this the two of us could point at each other until the route expires.
 */
function poison(core: RouterCore, routes: PrefixRoutes): void {
  const { selected, announced, prefix } = routes;
  if (selected === null || !routes.told || announced?.via === selected.link.peer) return;
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
 * or a metric that moved much. The last can wait, so that a wobbling link does not keep the network busy; and so can what
 * rests on a link whose cost is not known yet.
 *
 * @returns whether all were told
 */
export function announceIfNews(core: RouterCore, routes: PrefixRoutes): boolean {
  const { selected, announced } = routes;
  if (selected === null || announced === null || announced.routerKey !== selected.routerId.key) {
    if (selected === null && !routes.told) return false;
    if (selected !== null && selected.link.smoothed === null) {
      const due = selected.link.since + measureWait;
      if (core.wheel.now() < due) {
        later(core, routes, due);
        return false;
      }
    }
    announce(core, routes);
    return true;
  }
  if (Math.abs(costOfEntry(selected) - announced.metric) <= bigChange) {
    tellBeginnings(core, routes);
    return false;
  }
  const due = routes.announcedAt + metricAnnounceInterval;
  if (core.wheel.now() >= due) {
    announce(core, routes);
    return true;
  }
  tellBeginnings(core, routes);
  later(core, routes, due);
  return false;
}

function later(core: RouterCore, routes: PrefixRoutes, due: number): void {
  routes.announceTimer ??= core.wheel.schedule(due, () => {
    routes.announceTimer = null;
    announceIfNews(core, routes);
  });
}

function update(prefix: Prefix, seqno: number, metric: number, routerId: RouterId): Update {
  return { type: 'update', prefix, interval: updateField, seqno, metric, routerId };
}
