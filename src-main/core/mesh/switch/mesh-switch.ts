import type { Logger } from '#core/host.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { openCable } from './cable-socket.ts';
import { parseMac } from './place.ts';
import type { Switch } from './switch.ts';
import type { Traffic } from './traffic.ts';

export interface MeshSwitchDeps {
  readonly switch: Switch;
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

/** The switch as the thread it lives in offers it: with its sockets to QEMU. */
export interface MeshSwitch {
  /** Hold a cable to a machine's card until `detach`. Rejects when its address is another's. */
  attach(machine: AttachedMachine): Promise<{ readonly address: string }>;
  detach(machine: string): Promise<void>;
  setRules(machine: string, rules: readonly string[]): Promise<void>;
  counters(machine: string): Promise<Traffic | null>;
  close(): void;
}

export function createMeshSwitch(deps: MeshSwitchDeps): MeshSwitch {
  const { switch: lan, setTimer, log } = deps;
  const cables = new Map<string, () => void>();

  const detach = (machine: string): void => {
    cables.get(machine)?.();
    cables.delete(machine);
    lan.detach(machine);
  };

  return {
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
