import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { createModelNetwork, type ModelNetwork } from './model-network.ts';
import type { ModelNode } from './model-node.ts';
import { chain, components, ringWithChords, vary } from './topologies.ts';

/*
 * `HYPHA_SIM=200 npx vitest run src-main/core/mesh/testing/simulator` runs so many seeds of each story, HYPHA_SEED names the
 * first, HYPHA_SIM_NODES sizes the large one. Loops throw inside the model, with the seed.
 */
const size = Number(process.env.HYPHA_SIM_NODES ?? 100);
const runs = Number(process.env.HYPHA_SIM ?? 2);
const firstSeed = Number(process.env.HYPHA_SEED ?? 1);
const seeds = Array.from({ length: runs }, (_, i) => firstSeed + i);
const second = 1000;

/** Everybody wants to reach everybody, and has a while to find out how. */
function askForAll(network: ModelNetwork, patience = 20 * second): void {
  for (let round = 0; round < 3; round++) {
    for (const from of network.nodes) for (const to of network.nodes) network.need(from, to);
    network.run(network.now() + patience);
  }
}

/** Nobody believes in a way that links do not make. */
function expectRetracted(network: ModelNetwork, seed: number): void {
  const wrong: string[] = [];
  for (const group of components(network)) {
    const inside = new Set(group);
    for (const from of group) {
      for (const to of network.nodes) {
        if (inside.has(to)) continue;
        const state = from.table.get(to.subnet.key)?.state;
        if (state === 'route') wrong.push(`${from.index} > ${to.index}: ${network.walk(from, to).end}`);
      }
    }
  }
  expect(wrong, `seed ${seed}`).toEqual([]);
}

/** Besides, every pair that links join has a way. */
function expectConverged(network: ModelNetwork, seed: number): void {
  expectRetracted(network, seed);
  const wrong: string[] = [];
  for (const group of components(network)) {
    for (const from of group) {
      for (const to of group) {
        const { end } = network.walk(from, to);
        if (end !== 'owner') wrong.push(`${from.index} > ${to.index}: ${end}`);
      }
    }
  }
  expect(wrong, `seed ${seed}`).toEqual([]);
}

function expectNoLastingLoop(network: ModelNetwork, seed: number, longest: number): void {
  const lasting = network
    .mixedLoops()
    .filter((loop) => (loop.until ?? Number.POSITIVE_INFINITY) - loop.since > longest);
  expect(lasting, `seed ${seed}`).toEqual([]);
}

describe('a network of routers', () => {
  it.each(seeds)('of 60 finds every way (seed %i)', (seed) => {
    const network = createModelNetwork(seed, { throughWire: true });
    ringWithChords(network, 60, 40);
    network.run(30 * second);
    expectConverged(network, seed);
  });

  it(`of ${size} finds every way, and forgets a node that is gone`, () => {
    const network = createModelNetwork(firstSeed);
    ringWithChords(network, size, size / 2);
    network.run(40 * second);
    expectConverged(network, firstSeed);
    const gone = network.dice.pick(network.nodes);
    for (const link of [...network.links()]) if (link.a.node === gone || link.b.node === gone) network.cut(link);
    network.run(network.now() + 30 * second);
    expectRetracted(network, firstSeed);
  }, 600_000);

  it.each(seeds)('finds every way over links that lose packets (seed %i)', (seed) => {
    const network = createModelNetwork(seed);
    ringWithChords(network, 30, 20, { loss: 0.05, jitter: 50 });
    network.run(60 * second);
    askForAll(network);
    expectConverged(network, seed);
  });

  it.each(seeds)('forgets what a partition took away, and finds it again (seed %i)', (seed) => {
    const network = createModelNetwork(seed);
    ringWithChords(network, 24, 12);
    network.run(30 * second);
    const left = new Set(network.nodes.slice(0, 12));
    const across = [...network.links()].filter((link) => left.has(link.a.node) !== left.has(link.b.node));
    for (const link of across) network.cut(link);
    network.run(network.now() + 15 * second);
    expectRetracted(network, seed);
    askForAll(network);
    expectConverged(network, seed);
    const [a, b] = [network.dice.pick([...left]), network.dice.pick(network.nodes.slice(12))];
    network.connect(a, b, vary(network, {}));
    network.run(network.now() + 5 * second);
    askForAll(network);
    expectConverged(network, seed);
  });

  it.each(seeds)('finds ways around links that fall silent (seed %i)', (seed) => {
    const network = createModelNetwork(seed);
    const links = ringWithChords(network, 20, 15);
    network.run(30 * second);
    for (const link of links) if (network.dice.next() < 0.2) network.cut(link, true);
    // The neighbours notice after 43 s without an answer.
    network.run(network.now() + 90 * second);
    askForAll(network);
    expectConverged(network, seed);
  });

  it.each(seeds)('finds another way at once where the way is lost further off (seed %i)', (seed) => {
    const network = createModelNetwork(seed);
    const [asker, relay, way, owner, other] = [1, 2, 3, 4, 5].map(() => network.addNode());
    if (!asker || !relay || !way || !owner || !other) throw new Error('there are five');
    const [, , lost] = [network.connect(asker, relay), network.connect(relay, way), network.connect(way, owner)];
    network.connect(owner, other);
    network.run(30 * second);
    // Nobody tells the relay where this leads, for nobody asks.
    network.connect(relay, other);
    network.run(60 * second);
    expect(network.walk(asker, owner).end).toBe('owner');
    network.cut(lost);
    // The relay still remembers what was withdrawn, and searches all the same.
    for (let i = 0; i < 50; i++) {
      network.run(network.now() + 20);
      network.need(asker, owner);
    }
    expect(network.walk(asker, owner).end, `seed ${seed}`).toBe('owner');
  });

  it.each(seeds)('survives restarts, cuts and new links in any order (seed %i)', (seed) => {
    const network = createModelNetwork(seed);
    ringWithChords(network, 25, 15, { loss: 0.01 });
    network.run(20 * second);
    const { dice } = network;
    for (let step = 0; step < 60; step++) {
      const live = [...network.links()];
      const what = dice.next();
      if (what < 0.4 && live.length > 15) network.cut(dice.pick(live), dice.next() < 0.3);
      else if (what < 0.55) rejoin(network, dice.pick(network.nodes));
      else if (what < 0.8) join(network, dice.pick(network.nodes));
      else network.need(dice.pick(network.nodes), dice.pick(network.nodes));
      network.run(network.now() + dice.below(step % 10 === 0 ? 30 * second : 300));
    }
    network.run(network.now() + 120 * second);
    askForAll(network);
    expectConverged(network, seed);
    expectNoLastingLoop(network, seed, 60 * second);
  });

  it.each(seeds)('takes sleepers back when they wake, after a minute or an hour (seed %i)', (seed) => {
    const network = createModelNetwork(seed);
    ringWithChords(network, 16, 10);
    network.run(30 * second);
    for (const hours of [1 / 60, 1]) {
      const sleeper = network.dice.pick(network.nodes);
      const before = [...network.links()].filter((link) => link.a.node === sleeper || link.b.node === sleeper);
      network.sleep(sleeper, hours * 3600 * second);
      network.run(network.now() + 60 * second);
      // The others have noticed; they do not count on it.
      const awake = network.nodes.filter((node) => node !== sleeper);
      for (const node of awake) expect(network.walk(node, sleeper).end).toBe('nowhere');
      network.run(network.now() + hours * 3600 * second);
      // Its program dials again.
      for (const link of before) network.connect(link.a.node, link.b.node, vary(network, {}));
      network.run(network.now() + 5 * second);
      askForAll(network);
      expectConverged(network, seed);
    }
  });

  it('keeps routes in use alive for hours and lets the others go, without noise', () => {
    const network = createModelNetwork(7);
    chain(network, 6);
    network.run(30 * second);
    const [first, last] = [network.nodes[0] as ModelNode, network.nodes[5] as ModelNode];
    let broken = 0;
    for (let at = 30; at < 3 * 3600; at += 5) {
      network.at(at * second, () => {
        // A packet each way, every five seconds.
        for (const [from, to] of [
          [first, last],
          [last, first],
        ] as const) {
          if (network.walk(from, to).end !== 'owner') broken++;
          for (const node of network.nodes) if (node !== to) node.used.add(to.subnet.key);
        }
      });
    }
    const before = network.updates();
    network.run(3 * 3600 * second);
    expect(broken).toBe(0);
    const middle = network.nodes[2] as ModelNode;
    expect(first.table.get(middle.subnet.key)).toBeUndefined();
    // 36 announcements of each node to its neighbours, the refreshes of two routes, and the end of the unused ones.
    expect(network.updates() - before).toBeLessThan(36 * 10 + 11 * 5 * 2 * 4 + 100);
  });

  it('is quiet when nothing happens', () => {
    const network = createModelNetwork(3);
    const links = ringWithChords(network, 40, 40, { jitter: 20 });
    network.run(120 * second);
    const before = network.updates();
    network.run(720 * second);
    // Two announcements of each node over each of its links, and what little the settling of link costs moves.
    expect(network.updates() - before).toBeLessThan(2 * 2 * links.length * 2 + 40 * links.length);
    expect(network.updates() - before).toBeGreaterThanOrEqual(2 * 2 * links.length);
  });
});

function join(network: ModelNetwork, node: ModelNode): void {
  const other = network.dice.pick(network.nodes);
  if (other !== node) network.connect(node, other, vary(network, {}));
}

function rejoin(network: ModelNetwork, node: ModelNode): void {
  const neighbours = [...network.links()]
    .filter((link) => link.a.node === node || link.b.node === node)
    .map((link) => (link.a.node === node ? link.b.node : link.a.node));
  network.restart(node);
  for (const other of new Set(neighbours)) network.connect(node, other, vary(network, {}));
}
