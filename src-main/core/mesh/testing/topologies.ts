import type { LinkModel, ModelLink, ModelNetwork } from './model-network.ts';
import type { ModelNode } from './model-node.ts';

/** A ring with chords: connected, with ways around every link. */
export function ringWithChords(
  network: ModelNetwork,
  size: number,
  chords: number,
  model: Partial<LinkModel> = {},
): ModelLink[] {
  const nodes = Array.from({ length: size }, () => network.addNode());
  const links = nodes.map((node, i) => network.connect(node, nodes[(i + 1) % size] as ModelNode, vary(network, model)));
  for (let i = 0; i < chords; i++) {
    const [a, b] = [network.dice.pick(nodes), network.dice.pick(nodes)];
    if (a !== b) links.push(network.connect(a, b, vary(network, model)));
  }
  return links;
}

export function chain(network: ModelNetwork, size: number, model: Partial<LinkModel> = {}): ModelLink[] {
  const nodes = Array.from({ length: size }, () => network.addNode());
  return nodes.slice(1).map((node, i) => network.connect(nodes[i] as ModelNode, node, model));
}

/** Latencies from a few to a hundred milliseconds, as links of a real network have. */
export function vary(network: ModelNetwork, model: Partial<LinkModel>): Partial<LinkModel> {
  return { latency: 2 + network.dice.below(100), jitter: 5, ...model };
}

/** The nodes that links in working order join, in groups. */
export function components(network: ModelNetwork): ModelNode[][] {
  const group = new Map<ModelNode, ModelNode[]>(network.nodes.map((node) => [node, [node]]));
  for (const link of network.links()) {
    if (link.state !== 'up') continue;
    const [a, b] = [group.get(link.a.node) ?? [], group.get(link.b.node) ?? []];
    if (a === b) continue;
    for (const node of b) {
      a.push(node);
      group.set(node, a);
    }
  }
  return [...new Set(group.values())];
}
