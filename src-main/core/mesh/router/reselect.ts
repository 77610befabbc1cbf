import type { RouterId } from '../wire/router-id.ts';
import { announceIfNews, announceTo } from './announce.ts';
import { endQuery, type RouterCore, settle } from './core.ts';
import type { PrefixRoutes, RouteEntry } from './routes.ts';
import { chooseEntry } from './selection.ts';
import { askSeqno } from './seqno-requests.ts';

/**
 * Something changed for the prefix: choose again, and tell who must know.
 *
 * @param was the source in use before the change, null when none was
 * @param prefer an entry that may be used, and now is
 * @returns whether all neighbours were told
 */
export function reselect(
  core: RouterCore,
  routes: PrefixRoutes,
  was: RouterId | null,
  prefer: RouteEntry | null = null,
): boolean {
  routes.selected = prefer ?? chooseEntry(routes, core.sources);
  if (routes.selected !== null) endQuery(core, routes);
  else if (was !== null) {
    core.requests.lost(routes.prefix, core.wheel.now());
    // What no packet used is asked for when one needs it: who lost a neighbour does not ask for all that lies behind it.
    if (routes.used || core.takeUsed(routes.prefix)) {
      askSeqno(
        core,
        routes,
        was,
        routes.entries.map((entry) => entry.link),
      );
    }
  }
  const told = announceIfNews(core, routes);
  if (routes.selected !== null && routes.askers !== null) {
    const { askers } = routes;
    routes.askers = null;
    if (!told)
      announceTo(
        core,
        routes,
        [...askers].filter((peer) => core.links.has(peer)),
      );
  }
  settle(core, routes);
  return told;
}
