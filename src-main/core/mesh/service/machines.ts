import type { Logger } from '#core/host.ts';
import type { Opening } from '#shared/contract/machines.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import { addressText } from '../identity/ipv6-text.ts';
import type { AttachedMachine } from '../switch/mesh-switch.ts';
import { machineAddress, parseMac, routerAddress } from '../switch/place.ts';
import type { Traffic } from '../switch/traffic.ts';
import type { Openings } from './openings.ts';

/** What machines need of the mesh; they declare the same as a port of their own. */
export interface MachinesOnMesh {
  place(mac: string): { readonly address: string; readonly router: string; readonly mtu: number } | null;
  attach(machine: AttachedMachine): Promise<{ readonly address: string | null }>;
  detach(machine: string): Promise<void>;
  setRules(machine: string, rules: readonly string[]): Promise<void>;
  counters(machine: string): Promise<Traffic | null>;
  /** The form in which an opening is kept: by person, not by name. @throws Fail NOT_FOUND, LOCKED */
  keepRule(rule: string): string;
  /** A kept opening as it is shown, and who is meant by it now. */
  showRule(kept: string): Opening;
  /** An opening, kept or not, in the words of a question. */
  sayRule(rule: string): string;
}

export interface MachinesKeeperDeps {
  readonly log: Logger;
  readonly mtu: number;
  readonly running: () => EngineThread | null;
  /** The /64 (16 bytes) that this device has on the mesh; null while the person has not joined. */
  readonly subnet: () => Uint8Array | null;
  readonly openings: Openings;
}

/** Remembers which machines are to be on the mesh, through the node being stopped and started. */
export function createMachinesKeeper({ log, mtu, running, subnet, openings }: MachinesKeeperDeps) {
  /** Their openings as they are kept. */
  const wanted = new Map<string, AttachedMachine>();
  /** Their openings as the running node was told them last. */
  const told = new Map<string, string>();

  /** Tell the node of a machine, with openings for whoever is meant by them now. */
  const tell = async (machine: AttachedMachine, say: (now: AttachedMachine) => Promise<unknown>): Promise<void> => {
    const now = { ...machine, rules: openings.addressed(machine.rules) };
    told.delete(machine.machine);
    await say(now);
    // Only what it was told for sure: else nobody would tell it again.
    told.set(machine.machine, now.rules.join('\n'));
  };

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
      if (thread !== null) await tell(machine, (now) => thread.call.attachMachine(now));
      return { address: thread === null ? null : (placeOf(machine.mac)?.address ?? null) };
    },
    async detach(machine) {
      wanted.delete(machine);
      told.delete(machine);
      await running()?.call.detachMachine(machine);
    },
    async setRules(machine, rules) {
      const was = wanted.get(machine);
      if (was === undefined) return;
      const next = { ...was, rules };
      wanted.set(machine, next);
      const thread = running();
      if (thread !== null) await tell(next, (now) => thread.call.setMachineRules(machine, now.rules));
    },
    counters: async (machine) => (await running()?.call.machineTraffic(machine)) ?? null,
    keepRule: openings.keep,
    showRule: openings.show,
    sayRule: openings.say,
  };

  return {
    machines,
    /** Whether any machine is to be on the mesh. */
    some: () => wanted.size > 0,
    /** The node has been started: join all machines with it. */
    async attachAll(thread: EngineThread): Promise<void> {
      for (const machine of wanted.values()) {
        await tell(machine, (now) => thread.call.attachMachine(now)).catch((error: unknown) => {
          log.error({ machine: machine.machine, error: String(error) }, 'a machine could not be joined with the mesh');
        });
      }
    },
    /** Who is meant by the names in openings may have changed. */
    async namesChanged(): Promise<void> {
      const thread = running();
      if (thread === null) return;
      for (const machine of [...wanted.keys()]) {
        // As it is by now: it may have been changed or let go while another was told.
        const one = wanted.get(machine);
        if (one === undefined || told.get(machine) === openings.addressed(one.rules).join('\n')) continue;
        try {
          await tell(one, (now) => thread.call.setMachineRules(machine, now.rules));
        } catch (error) {
          // A node that ends in this moment is told when it starts; the other machines are told now.
          if (!isFail(error, 'MESH_OFF')) {
            log.error({ machine, error: String(error) }, 'openings of a machine could not be changed');
          }
        }
      }
    },
  };
}
