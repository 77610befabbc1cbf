import type { Prefix } from '../wire/prefix.ts';
import { sourceLifetime } from './constants.ts';
import { infinite } from './metric.ts';
import { isNewer } from './seqno.ts';

/** The best we ever said about a source: our feasibility distance (RFC 8966 section 3.5.1 and 3.7.3). */
interface Source {
  seqno: number;
  metric: number;
  /** When an Update for it last went out. */
  at: number;
}

/** Router ids remembered for a prefix. Its owner can make up any number of them; nobody else can. */
const maxRouterIds = 16;

/**
 * Feasibility distances by (prefix, router id). They are what makes forwarding free of loops: an offer is taken only when it
 * is better than anything we ever advertised for the source, or newer; so the distance falls strictly along every path.
 */
export interface SourceTable {
  feasible(prefix: Prefix, routerKey: string, seqno: number, metric: number): boolean;
  /** To be called before any Update with a route is sent. */
  sent(prefix: Prefix, routerKey: string, seqno: number, metric: number, now: number): void;
  /** The seqno to ask for when no offer is feasible. */
  wantedSeqno(prefix: Prefix, routerKey: string): number;
  /** Forget what was not sent for half an hour: longer than anybody can hold a route that rests on it. */
  sweep(now: number): void;
  size(): number;
}

export function createSourceTable(): SourceTable {
  const prefixes = new Map<string, Map<string, Source>>();
  const find = (prefix: Prefix, routerKey: string): Source | undefined => prefixes.get(prefix.key)?.get(routerKey);

  return {
    feasible(prefix, routerKey, seqno, metric) {
      const source = find(prefix, routerKey);
      if (source === undefined || metric === infinite || isNewer(seqno, source.seqno)) return true;
      return seqno === source.seqno && metric < source.metric;
    },
    sent(prefix, routerKey, seqno, metric, now) {
      if (metric === infinite) return;
      let sources = prefixes.get(prefix.key);
      if (sources === undefined) {
        sources = new Map();
        prefixes.set(prefix.key, sources);
      }
      const source = sources.get(routerKey);
      if (source === undefined) {
        if (sources.size >= maxRouterIds) sources.delete(oldest(sources));
        sources.set(routerKey, { seqno, metric, at: now });
        return;
      }
      source.at = now;
      if (isNewer(seqno, source.seqno) || (seqno === source.seqno && metric < source.metric)) {
        source.seqno = seqno;
        source.metric = metric;
      }
    },
    wantedSeqno(prefix, routerKey) {
      const source = find(prefix, routerKey);
      return source === undefined ? 1 : (source.seqno + 1) & 0xffff;
    },
    sweep(now) {
      for (const [key, sources] of prefixes) {
        for (const [router, source] of sources) if (now - source.at >= sourceLifetime) sources.delete(router);
        if (sources.size === 0) prefixes.delete(key);
      }
    },
    size: () => prefixes.values().reduce((sum, sources) => sum + sources.size, 0),
  };
}

function oldest(sources: Map<string, Source>): string {
  let key = '';
  let at = Number.POSITIVE_INFINITY;
  for (const [router, source] of sources) {
    if (source.at < at) [key, at] = [router, source.at];
  }
  return key;
}
