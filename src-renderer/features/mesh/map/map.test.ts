import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Peer, Route } from '#shared/contract/mesh/index.ts';
import { manyRoutes, meshPeer, meshRoute } from '../../../testing/mesh-samples.ts';
import { layoutMap, radiusOf } from './layout.ts';
import { steady } from './steady.ts';
import { topologyOf } from './topology.ts';
import { fitView, hit, zoomAt } from './view.ts';

const peers = (n: number): Peer[] =>
  Array.from({ length: n }, (_, i) => meshPeer(`tcp://p${i}.example:9651`, { rtt: 3 + i, cost: 4 + i }));
const network = (peerCount: number, nodes: number): { peers: Peer[]; routes: Route[] } => {
  const list = peers(peerCount);
  return { peers: list, routes: manyRoutes(list, nodes) };
};
const drawn = ({ peers: list, routes }: { peers: Peer[]; routes: Route[] }) => layoutMap(topologyOf(list, routes));

describe('the network behind the map', () => {
  it('takes the end of a direct route for the peer, and everything else for what is behind it', () => {
    const [a = meshPeer('tcp://a:1'), b = meshPeer('tcp://b:1')] = peers(2);
    const topology = topologyOf(
      [a, b],
      [
        meshRoute('4a2::1', a.endpoint, 5, { direct: true, name: 'ann' }),
        meshRoute('4a2::2', a.endpoint, 25),
        meshRoute('4a2::3', a.endpoint, 15),
        meshRoute('4a2::4', b.endpoint, 9, { selected: false }),
        meshRoute('4a2::5', b.endpoint, 9, { cost: null }),
      ],
    );
    expect(topology.peers.map(({ name, address }) => [name, address])).toEqual([
      ['ann', '4a2::1'],
      [null, null],
    ]);
    expect(topology.beyond.get(a.endpoint)?.map((node) => node.address)).toEqual(['4a2::3', '4a2::2']);
    expect(topology.beyond.has(b.endpoint)).toBe(false);
  });

  it('does not move for a few milliseconds, and does for many', () => {
    const remembered = new Map<string, number>();
    const at = (cost: number) => {
      const peer = meshPeer('tcp://a:1', { cost });
      return steady(topologyOf([peer], [meshRoute('4a2::2', peer.endpoint, cost * 2)]), remembered).peers[0]?.cost;
    };
    expect([at(50), at(54), at(58), at(70), at(71)]).toEqual([50, 50, 58 - 8, 70, 70]);
    steady({ peers: [], beyond: new Map() }, remembered);
    expect(remembered.size).toBe(0);
  });
});

describe('the layout', () => {
  it('draws every node once, further out than its peer, and the dearer the further', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 200 }), (peerCount, nodes) => {
        const { points, parents, extent } = drawn(network(peerCount, nodes));
        expect(new Set(points.map((point) => point.id)).size).toBe(points.length);
        for (const [i, point] of points.entries()) {
          const far = Math.hypot(point.x, point.y);
          expect(Number.isFinite(far) && far <= extent).toBe(true);
          const parent = points[parents[i] ?? -1];
          if (parent && point.kind === 'node') expect(far).toBeGreaterThan(Math.hypot(parent.x, parent.y));
        }
      }),
      { numRuns: 40 },
    );
    expect(radiusOf(10)).toBeLessThan(radiusOf(30));
    expect(radiusOf(1e12)).toBe(radiusOf(1e13));
  });

  it('puts no two of 1,000 nodes on top of each other, and takes a blink for it', () => {
    const { points } = drawn(network(6, 1000));
    expect(points).toHaveLength(1007);
    let closest = Number.POSITIVE_INFINITY;
    for (const [i, a] of points.entries()) {
      for (const b of points.slice(i + 1)) closest = Math.min(closest, Math.hypot(a.x - b.x, a.y - b.y));
    }
    expect(closest).toBeGreaterThan(4);
  });

  it('is the same for the same network in any order, and one more node moves few others far', () => {
    const one = network(4, 300);
    const turned = { peers: one.peers.toReversed(), routes: one.routes.toReversed() };
    const byId = (layout: ReturnType<typeof drawn>) => new Map(layout.points.map((point) => [point.id, point]));
    const before = byId(drawn(one));
    for (const [id, point] of byId(drawn(turned))) {
      expect(point.x).toBeCloseTo(before.get(id)?.x ?? Number.NaN);
      expect(point.y).toBeCloseTo(before.get(id)?.y ?? Number.NaN);
    }
    const via = one.peers[0]?.endpoint ?? '';
    const after = byId(drawn({ ...one, routes: [...one.routes, meshRoute('5ff::1', via, 44)] }));
    const moved = [...before].filter(([id, point]) => {
      const now = after.get(id);
      return !now || Math.hypot(now.x - point.x, now.y - point.y) > 40;
    });
    expect(moved.length).toBeLessThan(30);
  });

  it('has nobody but this node when there is nobody', () => {
    const { points, rings } = layoutMap({ peers: [], beyond: new Map() });
    expect(points.map((point) => point.id)).toEqual(['me']);
    expect(rings.length).toBeLessThan(3);
  });
});

describe('the view', () => {
  it('zooms into what is under the pointer and finds it again', () => {
    const layout = drawn(network(3, 40));
    fc.assert(
      fc.property(fc.nat(layout.points.length - 1), fc.double({ min: 0.5, max: 2, noNaN: true }), (index, factor) => {
        const point = layout.points[index];
        if (!point) return;
        const first = fitView(layout.extent, 800, 600);
        const [px, py] = [first.x + point.x * first.scale, first.y + point.y * first.scale];
        expect(hit(layout, first, px, py)).toBe(index);
        const second = zoomAt(first, px, py, factor);
        expect(second.x + point.x * second.scale).toBeCloseTo(px);
        expect(hit(layout, second, px, py)).toBe(index);
      }),
    );
    expect(hit(layout, fitView(layout.extent, 800, 600), -500, -500)).toBe(-1);
  });
});
