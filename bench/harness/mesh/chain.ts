import type { NodePart } from './node-part.ts';
import { type Part, startPart } from './part.ts';
import type { PipePart } from './pipe-part.ts';
import { routed } from './relays.ts';
import { startNode } from './start-node.ts';

/** Nodes in a row, each a process, each linked to the next. */
export interface Chain {
  readonly nodes: readonly Part<NodePart>[];
  /** Addresses on the mesh, in order. */
  readonly addresses: readonly Uint8Array[];
  close(): Promise<void>;
}

export async function startChain(length: number): Promise<Chain> {
  const nodes = await Promise.all(Array.from({ length }, () => startNode()));
  const close = async () => {
    await Promise.all(nodes.map((node) => node.kill()));
  };
  try {
    const started = await Promise.all(nodes.map((node) => node.ask('start')));
    for (const [i, node] of nodes.entries()) {
      const next = started[i + 1];
      if (next !== undefined) await node.ask('peer', next.port);
    }
    const addresses = started.map(({ address }) => address);
    await ready(nodes, addresses);
    return { nodes, addresses, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Two nodes, and between them a process that pipes one's bytes to the other and looks at nothing. */
export async function startPiped(): Promise<Chain> {
  const pipe = await startPart<PipePart>('pipe-part.ts');
  const nodes = await Promise.all([startNode(), startNode()]);
  const close = async () => {
    await Promise.all([pipe, ...nodes].map((part) => part.kill()));
  };
  try {
    const started = await Promise.all(nodes.map((node) => node.ask('start')));
    const port = await pipe.ask('listen');
    for (const node of nodes) await node.ask('peer', port);
    const addresses = started.map(({ address }) => address);
    await ready(nodes, addresses);
    return { nodes, addresses, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is only learnt when it is asked for: the ends ask by sending. */
async function ready(nodes: Chain['nodes'], addresses: Chain['addresses']): Promise<void> {
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('A chain has nodes.');
  await last.ask('echo');
  await first.ask('roundTrips', addresses.at(-1) as Uint8Array, 1, 64);
  await routed(first, addresses.slice(-1));
  await routed(last, addresses.slice(0, 1));
}
