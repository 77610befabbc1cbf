import { addressOf, isOverlayAddress } from '../identity/address.ts';
import { contains, type Prefix, subnetBits } from '../wire/prefix.ts';
import { publicKeyBytes, publicKeyOf, type RouterId } from '../wire/router-id.ts';
import type { Update } from '../wire/update.ts';
import { announceTo } from './announce.ts';
import { holdIntervals, refreshBefore, retractedHold } from './constants.ts';
import { addEntry, type RouterCore, removeEntry, settle } from './core.ts';
import type { Link } from './link.ts';
import { infinite } from './metric.ts';
import { refresh } from './queries.ts';
import { reselect } from './reselect.ts';
import { routesFor } from './room.ts';
import { isReachable, type PrefixRoutes, type RouteEntry } from './routes.ts';
import { askSeqno } from './seqno-requests.ts';

/*
 * Updates, as in RFC 8966 section 3.5.3, with the daemon's filter before it. Prefixes are bound to keys: whoever offers a
 * route for a prefix must name the key whose address lies in it, so nobody can put another key behind an address. Nothing
 * says that the offer itself is true.
 */

/** Prefixes a route may be for at all; shorter ones than a node's subnet would cover several nodes. */
export function isRoutable(prefix: Prefix): boolean {
  return prefix.length >= subnetBits && isOverlayAddress(prefix.bytes);
}

function isAcceptable(core: RouterCore, update: Update, known: RouteEntry | undefined): boolean {
  if (!isRoutable(update.prefix) || contains(core.self.subnet, update.prefix.bytes)) return false;
  // A hash an Update is what a storm costs; the same key was checked before.
  if (update.metric === infinite || (known !== undefined && sameKey(known.routerId, update.routerId))) return true;
  return contains(update.prefix, addressOf(publicKeyOf(update.routerId)));
}

/** Whether both name one owner, in whatever runs of its program. */
function sameKey(a: RouterId, b: RouterId): boolean {
  for (let i = 0; i < publicKeyBytes; i++) if (a.bytes[i] !== b.bytes[i]) return false;
  return true;
}

export function receiveUpdate(core: RouterCore, from: Link, update: Update): void {
  const { prefix, routerId, seqno, metric } = update;
  let routes = core.rib.get(prefix.key);
  const entry = routes?.entries.find((one) => one.link === from);
  if (!isAcceptable(core, update, entry)) return;
  const feasible = core.sources.feasible(prefix, routerId.key, seqno, metric);
  const was = routes?.selected?.routerId ?? null;

  if (entry === undefined) {
    if (metric === infinite) return;
    routes ??= routesFor(core, prefix, from) ?? undefined;
    if (routes === undefined) return;
    if (!feasible) {
      if (routes.selected === null) askSeqno(core, routes, routerId, [from]);
      settle(core, routes);
      return;
    }
    const made: RouteEntry = { link: from, metric, seqno, routerId, expiry: null };
    addEntry(routes, made);
    arm(core, routes, made, update);
  } else if (routes !== undefined) {
    const selected = routes.selected === entry;
    if (selected && !feasible && entry.routerId.key === routerId.key) {
      askSeqno(core, routes, routerId, [from]);
      return;
    }
    if (!isReachable(entry) && metric === infinite) return;
    entry.metric = metric;
    // A withdrawal is in the name of who withdraws, which nobody checked: it must not become the source of a route.
    if (metric !== infinite) {
      entry.seqno = seqno;
      if (entry.routerId.key !== routerId.key) entry.routerId = routerId;
    }
    if (feasible) arm(core, routes, entry, update);
    else if (!selected) return;
  }
  if (routes === undefined) return;
  const changed = entry ?? routes.entries.at(-1) ?? null;
  const answers = feasible && metric !== infinite;
  const interested = answers ? core.seqnos.takeInterested(prefix, routerId, seqno) : [];
  // Neighbours that were promised a newer seqno get one: it is used even where an older offer looks nearer, because that
  // one rests on what was true before, and would be no answer.
  const told = reselect(core, routes, was, interested.length > 0 ? changed : null);
  if (told || routes.selected === null) return;
  announceTo(
    core,
    routes,
    interested.filter((peer) => core.links.has(peer)),
  );
}

/** Start the entry's life anew. Interval 0 is legal: it ends at once. */
function arm(core: RouterCore, routes: PrefixRoutes, entry: RouteEntry, update: Update): void {
  const life = update.metric === infinite ? retractedHold : update.interval * 10 * holdIntervals;
  armStage(core, routes, entry, core.wheel.now() + life, 0);
}

/** On the way to its end a route that is in use is asked for again, the owner's neighbours alone are refreshed unasked. */
function armStage(core: RouterCore, routes: PrefixRoutes, entry: RouteEntry, end: number, stage: number): void {
  const now = core.wheel.now();
  entry.expiry?.cancel();
  while (stage < refreshBefore.length && end - (refreshBefore[stage] as number) <= now) stage++;
  const before = refreshBefore[stage];
  if (before === undefined) {
    entry.expiry = core.wheel.schedule(end, () => expire(core, routes, entry));
    return;
  }
  entry.expiry = core.wheel.schedule(end - before, () => {
    armStage(core, routes, entry, end, stage + 1);
    if (routes.selected !== entry || !(core.takeUsed(routes.prefix) || routes.used)) return;
    routes.used = false;
    refresh(core, routes, stage === 0);
  });
}

/**
 * A route that was selected is kept a little as out of reach, so that what is known of the prefix does not vanish at once.
 * Nobody is asked for a newer one: it ends because nobody used it.
 */
function expire(core: RouterCore, routes: PrefixRoutes, entry: RouteEntry): void {
  if (routes.selected !== entry) {
    removeEntry(routes, entry);
    settle(core, routes);
    return;
  }
  entry.metric = infinite;
  armStage(core, routes, entry, core.wheel.now() + retractedHold, refreshBefore.length);
  // Who was asked to refresh it in its last minute has not answered: a packet that needs it now asks again.
  core.requests.lost(routes.prefix, core.wheel.now());
  reselect(core, routes, null);
}
