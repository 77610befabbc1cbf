import { systemRandom } from '#core/crypto/random.ts';
import { createMeshNode } from '#core/mesh/node/mesh-node.ts';
import { createTcpTransport } from '#core/mesh/node/tcp-transport.ts';
import { realTime } from '#core/mesh/time/real-time.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { servePart, usage } from './part.ts';
import { dialRaw, type RawPeer } from './raw-peer.ts';

/* Many neighbours of one node in one process. */

const crowd: RawPeer[] = [];

const methods = {
  /** Let so many more peers dial a node, each announcing so many subnets. @returns an address in the first subnet of each */
  async join(port: number, peers: number, subnets: number): Promise<Uint8Array[]> {
    const before = crowd.length;
    for (let i = 0; i < peers; i++) crowd.push(await dialRaw(port, { subnets }));
    return crowd.slice(before).map(({ address }) => address);
  },
  /** The same with whole nodes, which do all that nodes do when nobody sends anything. */
  joinAsNodes(port: number, nodes: number): void {
    const transport = createTcpTransport();
    for (let i = 0; i < nodes; i++) {
      const node = createMeshNode({
        secret: systemRandom(32),
        random: systemRandom,
        ...realTime,
        transport,
        log: silentLog,
        deliver() {},
      });
      node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port });
    }
  },
  /** Bytes that came to all of them. */
  received: (): number => crowd.reduce((sum, peer) => sum + peer.received(), 0),
  leave(): void {
    for (const { socket } of crowd.splice(0)) socket.destroy();
  },
  usage,
};

export type CrowdPart = typeof methods;
servePart(methods);
