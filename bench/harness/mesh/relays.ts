import type { NodePart } from './node-part.ts';
import { type Part, startPart, type Usage } from './part.ts';
import type { PeerPart } from './peer-part.ts';
import type { PipePart } from './pipe-part.ts';
import { startNode } from './start-node.ts';

/** A relay in a process of its own, with a sender and a receiver connected. */
export interface RelayRig {
  /** Carry packets of {@link packetBytes} from one end to the other. */
  run(packets: number): Promise<Run>;
  close(): Promise<void>;
}

export interface Run {
  /** Wall clock. */
  readonly seconds: number;
  /** Seconds of CPU that the relay took. */
  readonly cpu: number;
}

/** A packet of 1400 bytes, sealed, on the wire. */
export const packetBytes = 1472;

export type RelayKind = 'node' | 'node, public socket API' | 'pipe';

export async function startRelay(kind: RelayKind): Promise<RelayRig> {
  const ends = await Promise.all([startPart<PeerPart>('peer-part.ts'), startPart<PeerPart>('peer-part.ts')]);
  const [source, sink] = ends;
  const relay = await (kind === 'pipe' ? startPart<NodePart | PipePart>('pipe-part.ts') : startNode());
  const close = async () => {
    await Promise.all([...ends, relay].map((part) => part.kill()));
  };
  try {
    const port =
      kind === 'pipe'
        ? await (relay as Part<PipePart>).ask('listen')
        : (await (relay as Part<NodePart>).ask('start', kind === 'node')).port;
    const from = await source.ask('connect', port);
    const to = await sink.ask('connect', port);
    if (kind !== 'pipe') await routed(relay as Part<NodePart>, [from, to]);
    return {
      async run(packets) {
        await sink.ask('absorb', packets);
        const before: Usage = await (relay as Part<PipePart>).ask('usage');
        const seconds = await source.ask('send', to, packets, packetBytes);
        const after: Usage = await (relay as Part<PipePart>).ask('usage');
        return { seconds, cpu: after.cpu - before.cpu };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Wait until a node has a way to all of these. */
export async function routed(node: Part<NodePart>, addresses: readonly Uint8Array[]): Promise<void> {
  for (const address of addresses) {
    while (!(await node.ask('knows', address))) await new Promise((done) => setTimeout(done, 20));
  }
}
