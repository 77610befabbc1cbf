import type { Peer } from '#shared/contract/mesh/index.ts';
import type { Sort } from '../../../ui/table.tsx';

const ranks: Record<Peer['state'], number> = { connected: 0, connecting: 1, waiting: 2 };

/** Connected ones first, the nearest of them at the top. */
export function byState(a: Peer, b: Peer): number {
  return ranks[a.state] - ranks[b.state] || far(a) - far(b) || (a.endpoint < b.endpoint ? -1 : 1);
}

const far = ({ cost, rtt }: Peer) => cost ?? rtt ?? Number.POSITIVE_INFINITY;

/** Bytes a second of the newest sample, both ways. */
export function rateOf({ traffic }: Pick<Peer, 'traffic'>): number {
  const last = traffic.at(-1);
  return last ? last.received + last.sent : 0;
}

/** The most any of these peers carried in the last two minutes, so that their lines can be compared. */
export function topRate(peers: readonly Peer[]): number {
  return Math.max(1, ...peers.flatMap((peer) => peer.traffic.map((one) => one.received + one.sent)));
}

/** In the order a person chose; what is not known comes last either way. */
export function sortPeers(peers: readonly Peer[], { key, descending }: Sort, nameOf: (peer: Peer) => string): Peer[] {
  const sign = descending ? -1 : 1;
  const value = (peer: Peer): number | null => (key === 'rtt' ? peer.rtt : key === 'cost' ? peer.cost : rateOf(peer));
  return [...peers].sort((a, b) => {
    if (key === 'state') return sign * byState(a, b);
    if (key === 'peer') return sign * nameOf(a).localeCompare(nameOf(b), undefined, { numeric: true });
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return x === y ? byState(a, b) : x === null ? 1 : -1;
    return sign * (x - y) || byState(a, b);
  });
}
