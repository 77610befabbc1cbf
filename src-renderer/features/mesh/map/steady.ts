import type { Topology } from './topology.ts';

/**
 * A map drawn anew for every measured millisecond would never stand still. A cost counts as changed only when it is so by a
 * fifth and by more than three: `remembered` holds what is drawn, by id, and is brought up to date.
 */
export function steady(topology: Topology, remembered: Map<string, number>): Topology {
  const seen = new Set<string>();
  const hold = (id: string, cost: number): number => {
    seen.add(id);
    const before = remembered.get(id);
    const same = before !== undefined && Math.abs(cost - before) <= Math.max(3, before / 5);
    if (!same) remembered.set(id, cost);
    return same ? before : cost;
  };
  const peers = topology.peers.map((peer) =>
    peer.cost === null ? peer : { ...peer, cost: hold(peer.endpoint, peer.cost) },
  );
  const beyond = new Map(
    [...topology.beyond].map(([via, nodes]) => [
      via,
      nodes
        .map((node) => ({ ...node, cost: hold(node.address, node.cost) }))
        .sort((a, b) => a.cost - b.cost || (a.address < b.address ? -1 : 1)),
    ]),
  );
  for (const id of remembered.keys()) if (!seen.has(id)) remembered.delete(id);
  return { peers, beyond };
}
