import type { Prefix } from '../wire/prefix.ts';
import type { RouterCore } from './core.ts';
import { removeEntry } from './core.ts';
import type { Link } from './link.ts';
import { reselect } from './reselect.ts';
import { createPrefixRoutes, type PrefixRoutes } from './routes.ts';

/*
 * Prefixes cost nothing, so that one neighbour can name as many as the table holds. Each prefix counts for the link that named it
 * first, of those that offer it; when the table is full, the link with the most makes room for one with less. So all links get what
 * they want as far as that is less than an equal share, and a link may have the whole table while nobody else wants it. Nothing is
 * lost for good by it: who needs a route that had to go asks, and makes room himself.
 */

/**
 * What is known of a prefix, made when it is new; null when there is no room for another.
 *
 * @param by the link that offers it; null when somebody asks for it, which is bounded elsewhere
 */
export function routesFor(core: RouterCore, prefix: Prefix, by: Link | null): PrefixRoutes | null {
  const known = core.rib.get(prefix.key);
  if (known !== undefined) return known;
  if (core.rib.size < core.limits.prefixes) core.goes.letGo();
  else if (!makeRoom(core, by)) return null;
  const made = createPrefixRoutes(prefix);
  const flapped = core.flapped.get(prefix.key);
  if (flapped !== undefined) made.flaps.at = flapped;
  core.rib.set(prefix.key, made);
  return made;
}

/** Prefixes that are looked at for one to forget. */
const looked = 32;

function makeRoom(core: RouterCore, by: Link | null): boolean {
  let fullest: Link | null = null;
  for (const link of core.links.values()) {
    if (fullest === null || link.named.size > fullest.named.size) fullest = link;
  }
  if (fullest === null || fullest.named.size <= (by?.named.size ?? 0) + 1) return false;
  const goes = leastMissed(core, fullest);
  if (goes === null) return false;
  for (const entry of [...goes.entries]) removeEntry(goes, entry);
  reselect(core, goes, null);
  return true;
}

/** Of the next few prefixes that the link named: one that only it offers and no packet used; else one that nobody waits for. */
function leastMissed(core: RouterCore, link: Link): PrefixRoutes | null {
  let other: PrefixRoutes | null = null;
  for (let i = Math.min(looked, link.named.size); i > 0; i--) {
    const routes = core.goes.next(link.named);
    if (routes === null) break;
    if (routes.query !== null) continue;
    routes.used ||= core.takeUsed(routes.prefix);
    if (routes.entries.length === 1 && !routes.used) return routes;
    other ??= routes;
  }
  return other;
}
