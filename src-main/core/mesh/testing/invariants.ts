import type { PeerId } from '../router/effects.ts';
import type { ModelNode } from './model-node.ts';

/** Where a packet goes from a node over one of its links; null when the link is dead. */
export type Neighbour = (node: ModelNode, peer: PeerId) => ModelNode | null;

export type Walk =
  | { readonly end: 'owner'; readonly hops: number }
  | { readonly end: 'nowhere' }
  /** Back at a node it passed. `oneSource` when all of the loop follow one router id: feasibility forbids exactly that. */
  | { readonly end: 'loop'; readonly path: readonly number[]; readonly oneSource: boolean };

/** Follow forwarding tables, as they are at this instant, from a node to the owner of a prefix. */
export function walk(from: ModelNode, owner: ModelNode, neighbour: Neighbour): Walk {
  const path: number[] = [];
  const sources: string[] = [];
  const seen = new Set<number>();
  for (let node = from; node !== owner; ) {
    if (seen.has(node.index)) {
      const start = path.indexOf(node.index);
      return { end: 'loop', path: path.slice(start), oneSource: new Set(sources.slice(start)).size === 1 };
    }
    const forwarding = node.table.get(owner.subnet.key);
    if (forwarding?.state !== 'route') return { end: 'nowhere' };
    const next = neighbour(node, forwarding.peer);
    if (next === null) return { end: 'nowhere' };
    seen.add(node.index);
    path.push(node.index);
    sources.push(forwarding.routerId.key);
    node = next;
  }
  return { end: 'owner', hops: path.length };
}
