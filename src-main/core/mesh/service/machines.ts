import type { Logger } from '#core/host.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { addressText } from '../identity/ipv6-text.ts';
import type { AttachedMachine } from '../switch/mesh-switch.ts';
import { machineAddress, parseMac, routerAddress } from '../switch/place.ts';
import type { Traffic } from '../switch/traffic.ts';

/** What machines need of the mesh; they declare the same as a port of their own. */
export interface MachinesOnMesh {
  place(mac: string): { readonly address: string; readonly router: string; readonly mtu: number } | null;
  attach(machine: AttachedMachine): Promise<{ readonly address: string | null }>;
  detach(machine: string): Promise<void>;
  setRules(machine: string, rules: readonly string[]): Promise<void>;
  counters(machine: string): Promise<Traffic | null>;
}

export interface MachinesKeeperDeps {
  readonly log: Logger;
  readonly mtu: number;
  readonly running: () => EngineThread | null;
  /** The /64 (16 bytes) that this device has on the mesh; null while the person has not joined. */
  readonly subnet: () => Uint8Array | null;
}

/** Remembers which machines are to be on the mesh, through the node being stopped and started. */
export function createMachinesKeeper({ log, mtu, running, subnet }: MachinesKeeperDeps) {
  const wanted = new Map<string, AttachedMachine>();

  const placeOf = (
    text: string,
  ): { readonly address: string; readonly router: string; readonly mtu: number } | null => {
    const [lan, mac] = [subnet(), parseMac(text)];
    if (lan === null || mac === null) return null;
    return { address: addressText(machineAddress(lan, mac)), router: addressText(routerAddress), mtu };
  };

  const machines: MachinesOnMesh = {
    place: placeOf,
    async attach(machine) {
      wanted.set(machine.machine, machine);
      const thread = running();
      await thread?.call.attachMachine(machine);
      return { address: thread === null ? null : (placeOf(machine.mac)?.address ?? null) };
    },
    async detach(machine) {
      wanted.delete(machine);
      await running()?.call.detachMachine(machine);
    },
    async setRules(machine, rules) {
      const was = wanted.get(machine);
      if (was === undefined) return;
      wanted.set(machine, { ...was, rules });
      await running()?.call.setMachineRules(machine, rules);
    },
    counters: async (machine) => (await running()?.call.machineTraffic(machine)) ?? null,
  };

  return {
    machines,
    /** Whether any machine is to be on the mesh. */
    some: () => wanted.size > 0,
    /** The node has been started: join all machines with it. */
    async attachAll(thread: EngineThread): Promise<void> {
      for (const machine of wanted.values()) {
        await thread.call.attachMachine(machine).catch((error: unknown) => {
          log.error({ machine: machine.machine, error: String(error) }, 'a machine could not be joined with the mesh');
        });
      }
    },
  };
}
