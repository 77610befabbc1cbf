import { randomId } from '#core/crypto/ids.ts';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { addressOf } from '../identity/address.ts';
import { addressText } from '../identity/ipv6-text.ts';

/** Ways across the mesh that another part of Hypha opens for itself, for as long as it runs: neither kept nor listed. */
export interface Passages {
  /**
   * A port of 127.0.0.1 that leads to a port of one device. It ends with the node.
   *
   * @param device its mesh key, 32 bytes @throws Fail MESH_OFF
   */
  open(device: Uint8Array, port: number): Promise<{ readonly localPort: number; close(): Promise<void> }>;
}

export function createPassages(deps: {
  readonly host: Pick<Host, 'random'>;
  readonly running: () => EngineThread | null;
}): Passages {
  return {
    async open(device, port) {
      const thread = deps.running();
      if (thread === null) {
        throw fail('MESH_OFF', 'The mesh node does not run.', { next: 'Join the mesh first.' });
      }
      const id = `passage ${randomId(deps.host.random)}`;
      const localPort = await thread.call.forward(id, { host: addressText(addressOf(device)), port }, 0);
      return {
        localPort,
        // A node that ended has closed it.
        close: () => thread.call.closeRelay(id).catch(() => {}),
      };
    },
  };
}
