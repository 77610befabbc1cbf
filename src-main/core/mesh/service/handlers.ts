import type { Handlers } from '#core/broker/handlers.ts';
import { fromHex } from '#core/crypto/ids.ts';
import type { MeshSettings, MeshStatus } from '#shared/contract/mesh/index.ts';
import type { meshNodeContract } from '#shared/contract/mesh/node.ts';
import type { meshServicesContract } from '#shared/contract/mesh/services.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { EngineStatus } from '../engine/protocol.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { createFetch } from './fetch.ts';
import type { Keeper } from './keeper.ts';
import type { NameServerSwitch } from './name-server-switch.ts';
import { onlyForNow } from './only-for-now.ts';
import type { Peers } from './peers.ts';
import type { Names } from './ports.ts';
import { diagnose, ping, trace } from './reach.ts';
import type { Relays } from './relays.ts';
import { viewRoutes } from './routes.ts';
import type { Samples } from './samples.ts';
import type { Sessions } from './sessions.ts';
import type { MeshStore } from './store.ts';
import type { Targets } from './targets.ts';

export interface HandlerParts {
  readonly store: MeshStore;
  readonly keeper: Keeper;
  readonly peers: Peers;
  readonly relays: Relays;
  readonly nameServer: NameServerSwitch;
  readonly sessions: Sessions;
  readonly samples: Samples;
  readonly targets: Targets;
  readonly names: Names;
  readonly hasIdentity: () => boolean;
  readonly privateNetworks: () => Promise<boolean>;
  readonly running: () => EngineThread | null;
  /** @throws Fail LOCKED */
  readonly unlocked: () => void;
  readonly engineStatus: () => Promise<EngineStatus | null>;
  readonly status: () => Promise<MeshStatus>;
  /** Something was changed by the person. */
  readonly changed: () => void;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
}

const pingPause = 1_000;

const notOff = (error: unknown): void => {
  if (!isFail(error, 'MESH_OFF')) throw error;
};

export function createNodeHandlers(
  parts: HandlerParts,
): Handlers<typeof meshNodeContract & typeof meshServicesContract> {
  const { store, keeper, peers, relays, nameServer, sessions, unlocked, samples, targets, names, running } = parts;
  const fetchPage = createFetch();

  /** Let the node be as it is chosen now. */
  const settle = async (): Promise<void> => {
    await keeper.settle();
    const [thread, status] = [running(), await parts.engineStatus()];
    // Where it ended in this moment there is nobody to look after, and what is chosen is kept all the same.
    if (thread !== null && status !== null && running() === thread) await peers.tend(thread, status).catch(notOff);
    await sessions.tell();
    parts.changed();
  };

  /** Take the settings given; the rest stays. @returns what those that are another now were before */
  const change = async (wanted: Partial<MeshSettings>): Promise<Partial<MeshSettings>> => {
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    if (wanted.joined && !parts.hasIdentity()) {
      throw fail('NO_IDENTITY', 'There is no identity yet, and the node’s address comes with it.', {
        next: 'Create or restore your identity first.',
      });
    }
    const before = store.settings();
    store.change(Object.fromEntries(given));
    await settle();
    const after = store.settings();
    const keys = new Set(given.map(([key]) => key as keyof MeshSettings));
    // A port that was left to the system is the one it gave, once the node listens.
    if (before.port === 0) keys.add('port');
    return Object.fromEntries([...keys].filter((key) => before[key] !== after[key]).map((key) => [key, before[key]]));
  };

  /** @throws Fail NOT_FOUND */
  const devicesOf = (target: string): readonly Uint8Array[] => {
    targets.address(target);
    return targets.addresses(target);
  };

  const pause = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const over = (): void => {
        cancel();
        signal.removeEventListener('abort', over);
        resolve();
      };
      const cancel = parts.setTimer(pingPause, over);
      signal.addEventListener('abort', over);
    });

  return {
    'mesh.status': () => parts.status(),
    'mesh.join': async (wanted, context) => {
      const before = await change({ ...wanted, joined: true });
      // Whoever had joined before stays when this is undone; and what was chosen on the way is chosen no more.
      if (Object.keys(before).join() === 'joined') context.undo('mesh.leave', {});
      else if (Object.keys(before).length > 0) context.undo('mesh.configure', before);
      return parts.status();
    },
    'mesh.leave': async (_, context) => {
      const { joined } = store.settings();
      let unkept: unknown = null;
      try {
        store.leave();
      } catch (error) {
        unkept = error;
      }
      await settle();
      if (unkept !== null) throw onlyForNow(unkept, 'This node is off');
      if (joined) context.undo('mesh.join', {});
      return parts.status();
    },
    'mesh.configure': async (wanted, context) => {
      const before = await change(wanted);
      if (Object.keys(before).length > 0) context.undo('mesh.configure', before);
      return parts.status();
    },
    'mesh.usePrivateNetwork': async ({ name, key }) => {
      unlocked();
      if (name !== '' && !(await parts.privateNetworks())) {
        throw fail('NOT_SUPPORTED', 'This program’s TLS cannot do private networks.', {
          meaning: 'Nothing was changed.',
          next: 'Run the agent headless under Node, whose TLS can.',
        });
      }
      if (name !== '' && key === '') {
        throw fail('KEY_MISSING', 'A private network needs its key.', {
          next: 'Give the 64 hex digits that all its nodes share.',
        });
      }
      store.usePrivateNetwork(name, name === '' ? null : fromHex(key.toLowerCase()));
      await keeper.settle();
      parts.changed();
      return parts.status();
    },
    'mesh.peers': async () => ({ peers: peers.list(await parts.engineStatus()) }),
    'mesh.addPeer': async ({ endpoint: text }, context) => {
      const endpoint = await peers.add(text);
      context.undo('mesh.removePeer', { endpoint });
      parts.changed();
      const peer = peers.list(await parts.engineStatus()).find((one) => one.endpoint === endpoint);
      if (peer === undefined) throw new Error('the peer just added is not on the list');
      return { peer };
    },
    'mesh.removePeer': async ({ endpoint: text }, context) => {
      const endpoint = await peers.remove(text);
      context.undo('mesh.addPeer', { endpoint });
      parts.changed();
      return {};
    },
    'mesh.routes': async (wanted) => {
      const { call } = keeper.thread();
      return viewRoutes(await call.routes(), await call.status(), names, wanted);
    },
    'mesh.sessions': async () => ({ sessions: await sessions.list() }),
    'mesh.traffic': () => ({ samples: [...samples.all()] }),
    async *'mesh.ping'({ target, count }, { signal }) {
      yield* ping(keeper.thread(), devicesOf(target), count, pause, signal);
    },
    async *'mesh.trace'({ target, maxHops }, { signal }) {
      const { address } = await parts.status();
      const self = parseAddress(address ?? '') ?? new Uint8Array(16);
      yield* trace(keeper.thread(), devicesOf(target), maxHops, names, signal, self);
    },
    'mesh.diagnose': ({ target, port }) => diagnose(running(), target, port, targets, sessions),

    'mesh.fetch': (input, { signal }) => fetchPage(keeper.thread(), targets, input, signal),

    'mesh.forwards': async () => ({ forwards: await relays.forwards() }),
    'mesh.forward': async ({ target, port, localPort }, context) => {
      // Said now, and not at the first connection.
      targets.address(target);
      const forward = await relays.addForward(target, port, localPort);
      context.undo('mesh.unforward', { forward: forward.id });
      parts.changed();
      return { forward };
    },
    'mesh.unforward': async ({ forward }, context) => {
      const { target, port, localPort } = await relays.removeForward(forward);
      // As it was kept, by person: a name may be another's by the time this is undone.
      context.undo('mesh.forward', { target, port, localPort });
      parts.changed();
      return {};
    },
    'mesh.exposures': async () => ({ exposures: await relays.exposures() }),
    'mesh.expose': async ({ localPort, port, allow }, context) => {
      unlocked();
      const exposure = await relays.addExposure(port ?? localPort, localPort, allow);
      context.undo('mesh.unexpose', { exposure: exposure.id });
      parts.changed();
      return { exposure };
    },
    'mesh.unexpose': async ({ exposure }, context) => {
      const { port, localPort, allow } = await relays.removeExposure(exposure);
      context.undo('mesh.expose', { port, localPort, allow });
      parts.changed();
      return {};
    },
    'mesh.socks': () => {
      unlocked();
      return relays.socks();
    },
    'mesh.setSocks': async ({ on }, context) => {
      unlocked();
      const { on: before } = await relays.socks();
      const socks = await relays.setSocks(on);
      if (before !== on) context.undo('mesh.setSocks', { on: before });
      parts.changed();
      return socks;
    },
    'mesh.nameServer': () => nameServer.view(),
    'mesh.setNameServer': async ({ on, port, upstream }, context) => {
      const before = await nameServer.set({ on, port, upstream });
      context.undo('mesh.setNameServer', before);
      parts.changed();
      return nameServer.view();
    },
  };
}
