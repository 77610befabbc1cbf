import { parseAddress } from '#core/mesh/identity/ipv6-text.ts';
import { startSwitchNode } from '#core/mesh/switch/testing/node.ts';
import type { MeshSwitch } from '../ports.ts';

/** A mesh for machines under test: a real node with its switch. */
export interface OnMesh {
  readonly mesh: MeshSwitch;
  /** What the node itself finds at an address: an echo, and somebody at the port. Throws where there is nobody. */
  reaches(address: string, port: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startOnMesh(): Promise<OnMesh> {
  const { engine, mesh, stop } = await startSwitchNode();
  return {
    mesh,
    async reaches(text, port) {
      const address = parseAddress(text);
      if (address === null) throw new Error(`"${text}" is no address`);
      const { kind, reason } = await engine.ping(address, { timeout: 10_000 });
      if (kind !== 'reply') throw new Error(`${text}: ${kind}, ${reason}`);
      await engine.probe(address, port, 20_000);
    },
    stop,
  };
}
