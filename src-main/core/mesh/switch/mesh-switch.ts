import type { Logger } from '#core/host.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { openCable } from './cable-socket.ts';
import { parseMac, routerAddress } from './place.ts';
import type { Switch } from './switch.ts';
import type { Traffic } from './traffic.ts';

export interface MeshSwitchDeps {
  readonly switch: Switch;
  readonly mtu: number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly log: Logger;
}

/** A machine with a card for the mesh. Everything here may cross a thread. */
export interface AttachedMachine {
  readonly machine: string;
  /** QEMU's unix socket for the card. */
  readonly socketPath: string;
  readonly mac: string;
  /** Openings of its firewall, as the contract writes them. */
  readonly rules: readonly string[];
}

/** What machines need of the switch, as the mesh offers it; they declare the same as a port of their own. */
export interface MeshSwitch {
  place(mac: string): { readonly address: string; readonly router: string; readonly mtu: number } | null;
  attach(machine: AttachedMachine): Promise<{ readonly address: string | null }>;
  detach(machine: string): Promise<void>;
  setRules(machine: string, rules: readonly string[]): Promise<void>;
  counters(machine: string): Promise<Traffic | null>;
  close(): void;
}

/** The switch with its sockets to QEMU. */
export function createMeshSwitch(deps: MeshSwitchDeps): MeshSwitch {
  const { switch: lan, setTimer, log } = deps;
  const cables = new Map<string, () => void>();

  const detach = (machine: string): void => {
    cables.get(machine)?.();
    cables.delete(machine);
    lan.detach(machine);
  };

  return {
    place(text) {
      const mac = parseMac(text);
      if (mac === null) return null;
      return { address: addressText(lan.addressOf(mac)), router: addressText(routerAddress), mtu: deps.mtu };
    },
    async attach({ machine, socketPath, mac: text, rules }) {
      const mac = parseMac(text);
      if (mac === null) throw new RangeError(`"${text}" is no MAC`);
      detach(machine);
      const card = lan.attach(machine, { mac, rules });
      cables.set(machine, openCable({ path: socketPath, setTimer, plug: (connection) => card.plug(connection) }));
      const address = addressText(card.address);
      log.info({ machine, address }, 'a machine is on the mesh');
      return { address };
    },
    async detach(machine) {
      detach(machine);
    },
    async setRules(machine, rules) {
      lan.find(machine)?.firewall.setRules(rules);
    },
    async counters(machine) {
      return lan.find(machine)?.traffic() ?? null;
    },
    close() {
      for (const machine of [...cables.keys()]) detach(machine);
    },
  };
}
