import type { Peer, Route } from '#shared/contract/mesh/index.ts';

/** One we are connected to, or try to be. */
export interface MapPeer {
  readonly endpoint: string;
  readonly connected: boolean;
  /** About milliseconds; null before it was measured. */
  readonly cost: number | null;
  /** Bytes a second, both ways. */
  readonly rate: number;
  /** The node at its other end, where a route tells. */
  readonly address: string | null;
  readonly name: string | null;
}

/** A node that is reached through a peer. */
export interface MapNode {
  readonly address: string;
  readonly name: string | null;
  readonly cost: number;
}

export interface Topology {
  readonly peers: readonly MapPeer[];
  /** By endpoint of the peer they are reached through, nearest first. */
  readonly beyond: ReadonlyMap<string, readonly MapNode[]>;
}

/** What the map shows: peers with what is known about them, and behind each the nodes it is the best way to. */
export function topologyOf(peers: readonly Peer[], routes: readonly Route[]): Topology {
  const used = routes.filter((route) => route.selected && route.cost !== null);
  const ends = new Map(used.filter((route) => route.direct).map((route) => [route.via, route]));
  const beyond = new Map<string, MapNode[]>();
  const seen = new Set([...ends.values()].map((route) => route.address));
  for (const { address, name, cost, via, direct } of used) {
    if (direct || cost === null || seen.has(address)) continue;
    seen.add(address);
    const list = beyond.get(via) ?? [];
    beyond.set(via, list);
    list.push({ address, name, cost });
  }
  for (const list of beyond.values()) list.sort((a, b) => a.cost - b.cost || (a.address < b.address ? -1 : 1));
  return {
    peers: peers.map((peer) => {
      const end = ends.get(peer.endpoint);
      const last = peer.traffic.at(-1);
      return {
        endpoint: peer.endpoint,
        connected: peer.state === 'connected',
        cost: peer.cost ?? peer.rtt,
        rate: last ? last.received + last.sent : 0,
        address: end?.address ?? null,
        name: end?.name ?? null,
      };
    }),
    beyond,
  };
}
