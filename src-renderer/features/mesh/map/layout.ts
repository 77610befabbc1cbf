import type { Topology } from './topology.ts';

export type MapKind = 'me' | 'peer' | 'waiting' | 'node';

export interface MapPoint {
  /** `me`, the endpoint of a peer, or the address of a node. */
  readonly id: string;
  readonly kind: MapKind;
  readonly x: number;
  readonly y: number;
  readonly name: string | null;
  readonly address: string | null;
  readonly cost: number | null;
  /** Endpoint of the peer it is or is reached through. */
  readonly via: string | null;
}

export interface MapLayout {
  /** This node first, then peers, then those beyond. */
  readonly points: readonly MapPoint[];
  /** For each point the one it hangs on; -1 for this node. */
  readonly parents: Int32Array;
  /** Circles of equal cost. */
  readonly rings: readonly { readonly cost: number; readonly radius: number }[];
  /** Everything lies within so far of the middle. */
  readonly extent: number;
}

/** Room for one dot, in the layout's own pixels. */
const spacing = 15;
const nearest = 72;
const farthestCost = 60_000;

/** How far from the middle a cost is drawn: the nearer half of the network gets most of the room. */
export function radiusOf(cost: number): number {
  return nearest + 46 * Math.log2(1 + Math.min(Math.max(0, cost), farthestCost) / 8);
}

/**
 * This node in the middle, peers around it, and in the sector of each peer the nodes behind it, all at a distance by cost.
 * The same network is always drawn the same way, and a node that comes or goes moves the others but little: people
 * remember where things are. Where a ring is full, nodes move outwards to the next.
 */
export function layoutMap({ peers, beyond }: Topology): MapLayout {
  const points: MapPoint[] = [{ id: 'me', kind: 'me', x: 0, y: 0, name: null, address: null, cost: 0, via: null }];
  const parents: number[] = [-1];
  // Around the circle in an order that has nothing to do with when they connected.
  const sorted = [...peers].sort((a, b) => shareOf(a.endpoint) - shareOf(b.endpoint));
  let extent = nearest;
  const place = (parent: number, point: Omit<MapPoint, 'x' | 'y'>, radius: number, angle: number) => {
    points.push({ ...point, x: Math.cos(angle) * radius, y: Math.sin(angle) * radius });
    parents.push(parent);
    extent = Math.max(extent, radius);
  };
  const widths = sectorWidths(sorted.map((peer) => beyond.get(peer.endpoint)?.length ?? 0));
  let from = -Math.PI / 2;
  const outer: (() => void)[] = [];
  for (const [i, peer] of sorted.entries()) {
    const width = widths[i] ?? 0;
    const radius = radiusOf(peer.cost ?? (peer.connected ? 0 : 1000));
    const index = points.length;
    const { endpoint, name, address, cost, connected } = peer;
    const kind = connected ? 'peer' : 'waiting';
    place(0, { id: endpoint, kind, name, address, cost, via: endpoint }, radius, from + width / 2);
    const nodes = beyond.get(endpoint) ?? [];
    const start = from;
    outer.push(() => {
      const targets = nodes.map((node) => Math.max(radiusOf(node.cost), radius + 2 * spacing));
      const spots = scatter(
        nodes.map((node) => node.address),
        targets,
        width,
      );
      for (const [j, node] of nodes.entries()) {
        const spot = spots[j];
        if (!spot) continue;
        const { address: id, name: called, cost: far } = node;
        place(
          index,
          { id, kind: 'node', name: called, address: id, cost: far, via: endpoint },
          spot.radius,
          start + spot.angle,
        );
      }
    });
    from += width;
  }
  for (const one of outer) one();
  return { points, parents: Int32Array.from(parents), rings: ringsWithin(extent), extent: extent + spacing };
}

/** Angles of the sectors: by what is behind each peer, and never so narrow that one cannot be hit. */
function sectorWidths(counts: readonly number[]): number[] {
  const full = 2 * Math.PI;
  const least = Math.min(0.35, full / (2 * Math.max(1, counts.length)));
  const weights = counts.map((count) => count ** 0.85);
  const sum = weights.reduce((a, b) => a + b, 0);
  const rest = full - least * counts.length;
  return weights.map((weight) => least + rest * (sum === 0 ? 1 / counts.length : weight / sum));
}

/** Spots in one sector: each node near its own angle (by its address) and its own radius, no two on top of each other. */
function scatter(
  ids: readonly string[],
  targets: readonly number[],
  width: number,
): { radius: number; angle: number }[] {
  const spots: { radius: number; angle: number }[] = [];
  let waiting: number[] = [];
  let next = 0;
  const inset = Math.min(0.06, width * 0.08);
  const inner = width - 2 * inset;
  for (let radius = targets[0] ?? 0; next < ids.length || waiting.length > 0; radius += spacing) {
    while (next < ids.length && (targets[next] ?? 0) < radius + spacing) {
      waiting.push(next);
      next += 1;
    }
    const room = Math.max(1, Math.floor((inner * radius) / spacing));
    const here = waiting.slice(0, room).sort((a, b) => shareOf(ids[a] ?? '') - shareOf(ids[b] ?? ''));
    waiting = waiting.slice(room);
    const angles = keepApart(
      here.map((i) => shareOf(ids[i] ?? '') * inner),
      spacing / radius,
      inner,
    );
    for (const [k, i] of here.entries()) {
      // Within its own ring: all on one circle would look like an order that is none.
      const own = Math.min(Math.max(targets[i] ?? radius, radius), radius + spacing * 0.7);
      spots[i] = { radius: own, angle: inset + (angles[k] ?? 0) };
    }
  }
  return spots;
}

/** Push sorted places on a line of some length apart until each has room, moving none further than it must. */
function keepApart(places: readonly number[], gap: number, length: number): number[] {
  const apart = [...places];
  const count = apart.length;
  const step = count > 1 ? Math.min(gap, length / (count - 1)) : 0;
  for (let i = 1; i < count; i += 1) apart[i] = Math.max(apart[i] ?? 0, (apart[i - 1] ?? 0) + step);
  for (let i = count - 1; i >= 0; i -= 1) apart[i] = Math.min(apart[i] ?? 0, length - (count - 1 - i) * step);
  return apart;
}

const ringCosts = [10, 30, 100, 300, 1000, 3000, 10_000];
const ringsWithin = (extent: number) =>
  ringCosts.map((cost) => ({ cost, radius: radiusOf(cost) })).filter(({ radius }) => radius <= extent + spacing);

/** A share from 0 to 1 that belongs to a text (FNV-1a, mixed once more for its upper bits). */
function shareOf(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 0x1_0000_0000;
}
