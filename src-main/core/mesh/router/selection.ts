import { bigChange } from './constants.ts';
import { costOfEntry, isReachable, type PrefixRoutes, type RouteEntry } from './routes.ts';
import type { SourceTable } from './source-table.ts';

/**
 * The entry to use, or null when none may be used. What is used stays, unless it may no longer be used, another is clearly
 * better (small differences are noise, and every switch costs the network an Update), or another is the owner itself.
 */
export function chooseEntry(routes: PrefixRoutes, sources: SourceTable): RouteEntry | null {
  const may = (entry: RouteEntry): boolean =>
    isReachable(entry) && sources.feasible(routes.prefix, entry.routerId.key, entry.seqno, entry.metric);
  const current = routes.selected !== null && may(routes.selected) ? routes.selected : null;
  let best = current;
  for (const entry of routes.entries) {
    if (entry !== current && may(entry) && (best === null || costOfEntry(entry) < costOfEntry(best))) best = entry;
  }
  if (current === null || best === null || best === current) return best;
  return best.metric === 0 || costOfEntry(best) < costOfEntry(current) - bigChange ? best : current;
}
