import type { Prefix } from '../wire/prefix.ts';
import { sourceLifetime } from './constants.ts';
import { createHand } from './hand.ts';
import { infinite } from './metric.ts';
import { isNewer } from './seqno.ts';

/** The best we ever said about a source: our feasibility distance (RFC 8966 section 3.5.1 and 3.7.3). */
interface Source {
  readonly routerKey: string;
  seqno: number;
  metric: number;
  /** When an Update for it last went out. */
  at: number;
  /** Of the same prefix; nearly all have one router id only. */
  next: Source | null;
}

/** Router ids remembered for a prefix. Its owner can make up any number of them; nobody else can. */
const maxRouterIds = 16;

/** Prefixes that are looked at for one to forget. */
const looked = 32;

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

/**
 * @param most prefixes remembered, about: beyond it one goes that we know no route of, so that all neighbours were told that
 *   there is none. What they passed on is withdrawn within a moment, and to fill the table anew takes much longer than that, whoever tries.
 * @param inUse whether a route of the prefix is known
 */
export function createSourceTable(
  most = Number.POSITIVE_INFINITY,
  inUse: (prefixKey: string) => boolean = () => false,
): SourceTable {
  const prefixes = new Map<string, Source>();
  const hand = createHand<string>();

  const find = (prefix: Prefix, routerKey: string): Source | undefined => {
    for (let at = prefixes.get(prefix.key); at; at = at.next ?? undefined) if (at.routerKey === routerKey) return at;
  };

  const makeRoom = (): void => {
    if (prefixes.size < most) hand.letGo();
    for (let i = 0; i < looked && prefixes.size >= most; i++) {
      const key = hand.next(prefixes);
      if (key !== null && !inUse(key)) prefixes.delete(key);
    }
  };

  return {
    feasible(prefix, routerKey, seqno, metric) {
      const source = find(prefix, routerKey);
      if (source === undefined || metric === infinite || isNewer(seqno, source.seqno)) return true;
      return seqno === source.seqno && metric < source.metric;
    },
    sent(prefix, routerKey, seqno, metric, now) {
      if (metric === infinite) return;
      const source = find(prefix, routerKey);
      if (source !== undefined) {
        source.at = now;
        if (isNewer(seqno, source.seqno) || (seqno === source.seqno && metric < source.metric)) {
          source.seqno = seqno;
          source.metric = metric;
        }
        return;
      }
      const others = prefixes.get(prefix.key) ?? null;
      if (others === null) makeRoom();
      prefixes.set(prefix.key, { routerKey, seqno, metric, at: now, next: withRoom(others) });
    },
    wantedSeqno(prefix, routerKey) {
      const source = find(prefix, routerKey);
      return source === undefined ? 1 : (source.seqno + 1) & 0xffff;
    },
    sweep(now) {
      hand.letGo();
      for (const [key, first] of prefixes) {
        const kept = without(first, (source) => now - source.at >= sourceLifetime);
        if (kept === null) prefixes.delete(key);
        else if (kept !== first) prefixes.set(key, kept);
      }
    },
    size: () => prefixes.values().reduce((sum, first) => sum + count(first), 0),
  };
}

function count(first: Source | null): number {
  let sum = 0;
  for (let at = first; at !== null; at = at.next) sum++;
  return sum;
}

/** The row less those that go. */
function without(first: Source | null, goes: (source: Source) => boolean): Source | null {
  let kept = first;
  while (kept !== null && goes(kept)) kept = kept.next;
  for (let at = kept; at !== null; ) {
    if (at.next !== null && goes(at.next)) at.next = at.next.next;
    else at = at.next;
  }
  return kept;
}

/** The row with room for one more: the one that was not sent for longest goes. */
function withRoom(first: Source | null): Source | null {
  if (count(first) < maxRouterIds) return first;
  let oldest = first;
  for (let at = first; at !== null; at = at.next) if (oldest !== null && at.at < oldest.at) oldest = at;
  return without(first, (source) => source === oldest);
}
