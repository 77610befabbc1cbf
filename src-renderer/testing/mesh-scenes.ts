import type { AgentContract } from '#shared/contract/agent.ts';
import type {
  Exposure,
  Forward,
  MeshStatus,
  NameServer,
  Peer,
  RelayId,
  Route,
  Socks,
} from '#shared/contract/mesh/index.ts';
import type { AgentEvent } from '#shared/contract/system.ts';
import type { Answers } from '#shared/rpc/double.ts';
import { fail } from '#shared/rpc/fail.ts';
import { playMessages, someMessages } from './mesh-messages.ts';
import { addressOf, manyRoutes, meshOff, meshOn, meshPeer, somePeers, traffic } from './mesh-samples.ts';
import type { Scene } from './scenes.ts';

export interface MeshWorld {
  status: MeshStatus;
  peers: Peer[];
  routes: Route[];
  forwards?: Forward[];
  exposures?: Exposure[];
}

/** Before there is an identity, there is no address. */
export const nobodysMesh: MeshWorld = {
  status: { ...meshOff, address: null, subnet: null, publicKey: null },
  peers: [],
  routes: [],
};
const off = (): MeshWorld => ({ status: meshOff, peers: [], routes: [] });

/** A node that answers as the real one would, as far as the pages ask. */
export function playMesh(
  { emit }: { emit: (topic: AgentEvent['topic']) => void },
  { status: first, peers, routes, forwards = [], exposures = [] }: MeshWorld = off(),
): Answers<AgentContract> {
  let status = first;
  const noSocks = {
    ...{ on: false, state: 'off' as const, detail: '' },
    ...{ url: null, port: null, user: null, password: null },
  };
  let socks: Omit<Socks, 'connections' | 'received' | 'sent'> = noSocks;
  let names: NameServer = { on: false, port: null, upstream: '', detail: '' };
  const idle = { connections: 0, received: 0, sent: 0 };
  const changed = (next: MeshStatus) => {
    status = next;
    emit('mesh');
    return status;
  };
  return {
    'mesh.status': () => status,
    'mesh.join': (wanted) =>
      changed({ ...meshOn, peers: { connected: 0, known: 0 }, routes: 0, settings: { ...meshOn.settings, ...wanted } }),
    'mesh.leave': () => changed(meshOff),
    'mesh.configure': (wanted) => changed({ ...status, settings: { ...status.settings, ...wanted } }),
    'mesh.usePrivateNetwork': ({ name }) =>
      changed({ ...status, settings: { ...status.settings, privateNetwork: name } }),
    'mesh.peers': () => ({ peers }),
    'mesh.addPeer': ({ endpoint }) => {
      if (peers.some((peer) => peer.endpoint === endpoint))
        throw fail('ALREADY_EXISTS', 'This peer is there already.', { meaning: 'Nothing was changed.' });
      const peer = meshPeer(endpoint, { state: 'connecting', rtt: null, cost: null, connectedAt: null, traffic: [] });
      peers = [...peers, peer];
      emit('mesh');
      return { peer };
    },
    'mesh.removePeer': ({ endpoint }) => {
      peers = peers.filter((peer) => peer.endpoint !== endpoint);
      emit('mesh');
      return {};
    },
    'mesh.routes': ({ find, all, limit }) => {
      const found = routes.filter(
        (route) =>
          (all || route.selected) && `${route.prefix} ${route.address} ${route.name ?? ''} ${route.via}`.includes(find),
      );
      return { routes: found.slice(0, limit), total: found.length };
    },
    'mesh.traffic': () => ({ samples: status.state === 'on' ? traffic : [] }),
    'mesh.ping': async function* ({ count, target }) {
      for (let sequence = 0; sequence < count; sequence += 1) {
        const lost = sequence === 3;
        yield {
          sequence,
          address: target.includes(':') ? target : addressOf(7),
          ms: lost ? null : 24.1 + sequence * 1.7,
          detail: lost ? 'No answer within 2 s.' : '',
        };
      }
    },
    'mesh.trace': async function* () {
      yield { hop: 1, address: addressOf(10_000), name: 'ann', ms: 0.7, cost: 1 };
      yield { hop: 2, address: null, name: null, ms: null, cost: null };
      yield { hop: 3, address: addressOf(12), name: null, ms: 31.2, cost: 34 };
      yield { hop: 4, address: addressOf(7), name: 'ben', ms: 48.9, cost: 52 };
    },
    'mesh.diagnose': ({ target, port }) => ({
      reachable: false,
      findings: [
        { code: 'NODE', ok: true, text: 'Your node runs.', next: '' },
        { code: 'NAME', ok: true, text: `${target} is ${addressOf(7)}.`, next: '' },
        { code: 'PEERS', ok: true, text: '5 of 6 peers are connected.', next: '' },
        {
          code: 'ROUTE',
          ok: false,
          text: 'No peer knows a way to it.',
          next: 'Ask whether that computer is on, and whether it is on the same network as you.',
        },
        ...(port === undefined
          ? []
          : [{ code: 'SERVICE' as const, ok: false, text: `Port ${port} was not tried.`, next: '' }]),
      ],
    }),
    'mesh.forwards': () => ({ forwards }),
    'mesh.forward': ({ target, port, localPort = 41_007 }) => {
      const forward: Forward = {
        id: `f-${forwards.length}` as RelayId,
        target,
        port,
        localPort,
        state: 'open',
        detail: '',
        ...idle,
      };
      forwards = [...forwards, forward];
      emit('mesh');
      return { forward };
    },
    'mesh.unforward': ({ forward: id }) => {
      forwards = forwards.filter((forward) => forward.id !== id);
      emit('mesh');
      return {};
    },
    'mesh.exposures': () => ({ exposures }),
    'mesh.expose': ({ localPort, port = localPort, allow }) => {
      const exposure: Exposure = {
        id: `e-${exposures.length}` as RelayId,
        port,
        localPort,
        allow,
        state: 'open',
        detail: '',
        ...idle,
      };
      exposures = [...exposures, exposure];
      emit('mesh');
      return { exposure };
    },
    'mesh.unexpose': ({ exposure: id }) => {
      exposures = exposures.filter((exposure) => exposure.id !== id);
      emit('mesh');
      return {};
    },
    ...playMessages(status.state === 'on' ? someMessages : [], emit),
    'mesh.nameServer': () => names,
    'mesh.setNameServer': ({ on, upstream = names.upstream }) => {
      names = { on, port: on ? 5533 : null, upstream, detail: '' };
      emit('mesh');
      return names;
    },
    'mesh.socks': () => ({ ...socks, ...idle }),
    'mesh.setSocks': ({ on }) => {
      socks = on
        ? {
            ...{ on, state: 'open', detail: '', url: 'socks5h://hypha:example@127.0.0.1:40915', port: 40_915 },
            ...{ user: 'hypha', password: 'example' },
          }
        : noSocks;
      emit('mesh');
      return { ...socks, ...idle };
    },
  };
}

const services = {
  forwards: [
    {
      id: 'f-1' as RelayId,
      target: 'ann.hypha',
      port: 8080,
      localPort: 41_007,
      state: 'open' as const,
      detail: '',
      connections: 2,
      received: 41_204_882,
      sent: 1_204_331,
    },
    {
      id: 'f-2' as RelayId,
      target: addressOf(12),
      port: 22,
      localPort: 2222,
      state: 'waiting' as const,
      detail: 'No way there now; it opens when there is one.',
      connections: 0,
      received: 0,
      sent: 0,
    },
    {
      id: 'f-3' as RelayId,
      target: 'ben.hypha',
      port: 5432,
      localPort: null,
      state: 'failed' as const,
      detail: 'Port 5432 of this computer is taken by another program.',
      connections: 0,
      received: 0,
      sent: 0,
    },
  ],
  exposures: [
    {
      id: 'e-1' as RelayId,
      port: 80,
      localPort: 8080,
      allow: ['ann.hypha', addressOf(12)],
      state: 'open' as const,
      detail: '',
      connections: 1,
      received: 120_334,
      sent: 9_120_443,
    },
    {
      id: 'e-2' as RelayId,
      port: 8443,
      localPort: 8443,
      allow: ['everybody'],
      state: 'open' as const,
      detail: '',
      connections: 0,
      received: 0,
      sent: 0,
    },
  ],
};

const scene = (world: MeshWorld) => (): Scene => ({ mesh: world });

/** Named states of this room: `stage.html?scene=mesh-many#/mesh/map`. */
export const meshScenes: Readonly<Record<string, () => Scene>> = {
  mesh: scene({ status: meshOn, peers: somePeers, routes: manyRoutes(somePeers, 60), ...services }),
  'mesh-many': scene({
    status: { ...meshOn, routes: 1005 },
    peers: somePeers,
    routes: manyRoutes(somePeers, 1000),
  }),
  'mesh-routes': scene({ status: { ...meshOn, routes: 5000 }, peers: somePeers, routes: manyRoutes(somePeers, 6000) }),
  'mesh-alone': scene({
    status: { ...meshOn, peers: { connected: 0, known: 1 }, routes: 0, received: 0, sent: 0 },
    peers: somePeers.filter((peer) => peer.state !== 'connected'),
    routes: [],
  }),
  'mesh-starting': scene({
    status: { ...meshOn, state: 'starting', address: null, startedAt: null },
    peers: [],
    routes: [],
  }),
  'mesh-failed': scene({
    status: {
      ...meshOn,
      state: 'failed',
      detail: 'Port 9651 is taken by another program of this computer.',
      listening: null,
      startedAt: null,
      peers: { connected: 0, known: 0 },
    },
    peers: [],
    routes: [],
  }),
};
