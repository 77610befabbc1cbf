import type { Logger } from '#core/host.ts';
import type { MeshSwitch } from '../ports.ts';
import { endpoint, escapeComma } from '../qemu/endpoint.ts';
import { meshMac } from '../record.ts';
import type { GuestNetwork, MeshCard, NetworkedMachine, NetworkLink } from './guest-network.ts';

export interface MeshNetworkDeps {
  readonly mesh: MeshSwitch;
  readonly runDir: string;
  readonly log: Logger;
  readonly platform?: NodeJS.Platform;
}

/**
 * A further card, for the mesh, beside those of `under`: `-netdev stream` at whose socket QEMU is the server, so that an agent that starts again
 * only reconnects and the guest keeps its address (decision 0010). Not on Windows, where Node has no unix sockets and a port on
 * loopback would be open to every account.
 */
export function meshNetwork(under: GuestNetwork, deps: MeshNetworkDeps): GuestNetwork {
  const { mesh, runDir, log, platform = process.platform } = deps;
  const socketPath = (id: string): string => endpoint(runDir, id, '', 'mesh', platform);

  async function join({ id, firewall }: NetworkedMachine): Promise<MeshCard> {
    const mac = meshMac(id);
    await mesh.attach({ machine: id, socketPath: socketPath(id), mac, rules: firewall });
    return {
      address: () => mesh.place(mac)?.address ?? null,
      setRules: (rules) => mesh.setRules(id, rules),
      traffic: () => mesh.counters(id),
    };
  }

  const knowsMesh = platform !== 'win32';
  return {
    knowsMesh,
    offersMesh: (id) => knowsMesh && mesh.place(meshMac(id)) !== null,
    config(machine) {
      const plain = under.config(machine);
      const mac = meshMac(machine.id);
      const place = machine.mesh ? mesh.place(mac) : null;
      if (place === null) return plain;
      const { address, router, mtu } = place;
      return {
        ...plain,
        mesh: { mac, ...place },
        micro: {
          ...plain.micro,
          ...{ MESH_MAC: mac, MESH_ADDRESS: address, MESH_ROUTER: router, MESH_MTU: String(mtu) },
        },
      };
    },
    arguments(machine) {
      const plain = under.arguments(machine);
      if (!machine.mesh) return plain;
      return [
        ...plain,
        '-netdev',
        `stream,id=mesh0,server=on,addr.type=unix,addr.path=${escapeComma(socketPath(machine.id))}`,
        '-device',
        `virtio-net-pci,netdev=mesh0,mac=${meshMac(machine.id)},romfile=`,
      ];
    },
    async attach(machine, qmp, port): Promise<NetworkLink> {
      const link = await under.attach(machine, qmp, port);
      if (!machine.mesh) return link;
      // Without the mesh a machine is still a machine.
      const card = await join(machine).catch((error: unknown) => {
        log.error({ machine: machine.id, error: String(error) }, 'a machine could not be joined with the mesh');
        return null;
      });
      const { sshPort, sshAnswers, counters, hasInternetCard, setInternet } = link;
      return {
        ...{ sshPort, sshAnswers, counters, hasInternetCard, setInternet },
        mesh: card,
        get internet() {
          return link.internet;
        },
        async close() {
          await Promise.all([link.close(), mesh.detach(machine.id).catch(() => {})]);
        },
      };
    },
  };
}

/** `-netdev stream` came with QEMU 7.2 (its release notes, "Networking"). */
export function knowsStream(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 7 || (major === 7 && minor >= 2);
}
