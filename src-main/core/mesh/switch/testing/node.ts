import { systemRandom } from '#core/crypto/random.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { createEngine } from '../../engine/engine.ts';
import type { EngineThread } from '../../engine/engine-thread.ts';
import type { EngineCalls } from '../../engine/protocol.ts';
import { createNodeIdentity } from '../../identity/node-identity.ts';
import { createKnown } from '../../service/known.ts';
import { createMachinesKeeper, type MachinesOnMesh } from '../../service/machines.ts';
import { createOpenings } from '../../service/openings.ts';
import type { People } from '../../service/ports.ts';
import { createTargets } from '../../service/targets.ts';
import { realTime } from '../../time/real-time.ts';
import { meshMtu } from '../../wire/mtu.ts';

/** A mesh node on loopback with its switch, put together as the agent does; the engine runs in this thread. */
export interface SwitchNode {
  readonly engine: EngineCalls;
  readonly port: number;
  readonly mesh: MachinesOnMesh;
  /** The people that this node's person knows changed. */
  peopleChanged(): Promise<void>;
  stop(): Promise<void>;
}

const nobody: People = { names: () => [], peers: () => [], ownDevices: () => [], onChange: () => () => {} };

export async function startSwitchNode(secret = systemRandom(32), people = nobody): Promise<SwitchNode> {
  const engine = createEngine({
    ...{ ...realTime, random: systemRandom, log: silentLog },
    events: { delivered() {}, undelivered() {}, session() {}, changed() {}, accepted() {}, resolve: async () => [] },
  });
  const listen = { host: '127.0.0.1', port: 0 };
  const { listening } = await engine.start({
    ...{ secret, listen, discovery: false, privateNetwork: null, answerPings: true },
  });
  const { subnet } = createNodeIdentity(secret, systemRandom);
  // What a thread answers to is what the engine does.
  const thread = { call: engine } as unknown as EngineThread;
  const names = createKnown(people);
  const { machines, namesChanged } = createMachinesKeeper({
    ...{ log: silentLog, mtu: meshMtu, running: () => thread, subnet: () => subnet.bytes },
    openings: createOpenings({ names, targets: createTargets(names) }),
  });
  return {
    ...{ engine, port: listening ?? 0, mesh: machines },
    async peopleChanged() {
      names.changed();
      engine.block(names.blocked());
      await namesChanged();
    },
    stop: async () => engine.stop(),
  };
}
