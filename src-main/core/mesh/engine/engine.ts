import type { Logger } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type Discovery, startDiscovery } from '../discovery/discovery.ts';
import { openMulticast } from '../discovery/multicast.ts';
import { errorForHost } from '../icmp/host-packet.ts';
import { addressOf } from '../identity/address.ts';
import { icmpErrorFor } from '../netstack/ip/icmp-errors.ts';
import { icmpType } from '../netstack/ip/icmpv6.ts';
import { DESTINATION_AT } from '../netstack/ip/ipv6.ts';
import { NetStack } from '../netstack/stack.ts';
import { connectSocket } from '../netstack/tcp-socket.ts';
import { type Endpoint, endpointText, parseEndpoint } from '../node/endpoint.ts';
import { createMeshNode, type MeshNode } from '../node/mesh-node.ts';
import { systemNetwork, watchNetwork } from '../node/network-watch.ts';
import { createPrivateTransport } from '../node/private-network.ts';
import { createTcpTransport } from '../node/tcp-transport.ts';
import { costOfEntry, isReachable } from '../router/routes.ts';
import { hostMtu, neighbourMtu } from '../session/mtu.ts';
import { routedKey } from '../session/routed-key.ts';
import { createSecureLayer, type SecureLayer } from '../session/secure-layer.ts';
import { createMeshSwitch, type MeshSwitch } from '../switch/mesh-switch.ts';
import { createSwitch } from '../switch/switch.ts';
import { contains, subnetOf } from '../wire/prefix.ts';
import { publicKeyOf } from '../wire/router-id.ts';
import type { EngineCalls, EngineConfig, EngineEvents, EngineRoute, EngineStarted } from './protocol.ts';
import { createRelays, type Relays } from './relays.ts';
import { createStreams, type Streams } from './streams.ts';

export interface EngineDeps {
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly random: (n: number) => Uint8Array;
  readonly log: Logger;
  readonly events: Omit<EngineEvents, 'log'>;
  /** Interfaces that local discovery keeps to; all by default. */
  readonly interfaces?: readonly string[];
}

/** Peers that come and go in a loop are told of in one word: each costs the other thread a look into its database. */
const changedMs = 100;

interface Running {
  readonly node: MeshNode;
  readonly layer: SecureLayer;
  readonly stack: NetStack;
  readonly relays: Relays;
  readonly streams: Streams;
  readonly machines: MeshSwitch;
  readonly discovery: Discovery | null;
  readonly network: { stop(): void };
}

/** The node with everything that works on packets: one thread's work. */
export function createEngine(deps: EngineDeps): EngineCalls {
  let running: Running | null = null;
  /** Whole keys of those with whom nothing goes outside a session, by their /64. */
  let required = new Map<string, Uint8Array>();
  /** /64s of those from whom nothing is taken, neither by this computer nor by its machines. */
  let blocked = new Set<string>();
  const isBlocked = (source: Uint8Array): boolean => blocked.size > 0 && blocked.has(subnetOf(source).key);
  const on = (): Running => {
    if (running === null) throw fail('MESH_OFF', 'The mesh node does not run.', { next: 'Join the mesh first.' });
    return running;
  };

  let cancelChanged: (() => void) | null = null;
  const tellChanged = (): void => {
    // Whoever started the node looks at it then, and whoever ended it knows.
    if (running === null) return;
    cancelChanged ??= deps.setTimer(changedMs, () => {
      cancelChanged = null;
      deps.events.changed();
    });
  };

  const start = async (config: EngineConfig): Promise<EngineStarted> => {
    if (running !== null) throw new Error('the mesh node runs already');
    const { clock, setTimer, random, log, events } = deps;
    /** Packets for the stack that arrived in one read: it answers once for all of them. */
    let arrived: Uint8Array[] = [];
    const hand = (packet: Uint8Array): void => {
      if (arrived.push(packet) > 1) return;
      queueMicrotask(() => {
        const packets = arrived;
        arrived = [];
        stack.input(packets);
      });
    };
    const node = createMeshNode({
      secret: config.secret,
      random,
      clock,
      setTimer,
      log,
      transport: config.privateNetwork === null ? createTcpTransport() : createPrivateTransport(config.privateNetwork),
      deliver(delivery) {
        if (!isBlocked(delivery.source)) layer.receive(delivery);
      },
      session(delivery) {
        if (!isBlocked(delivery.source)) layer.receiveSession(delivery);
      },
      undelivered: (lost) => layer.lost(lost),
      changed: tellChanged,
    });
    const layer = createSecureLayer({
      self: node.self,
      random,
      clock,
      setTimer,
      send: (...packet) => node.send(...packet),
      keyOf: (address) => routedKey(node.router, address),
      policy: { required: (address) => required.get(subnetOf(address).key) ?? null, offered: () => true },
      deliver(delivery) {
        if (delivery.type === 'ipv6') lan.route(delivery.payload, 'mesh');
        else events.delivered(delivery);
      },
      undelivered(lost) {
        if (lan.undelivered(lost)) return;
        const error = errorForHost(lost);
        if (error !== null) hand(error);
        else if (lost.type === 'message') events.undelivered(lost.destination);
      },
      changed: events.session,
    });
    const lan = createSwitch({
      self: node.self,
      mtu: hostMtu,
      clock,
      toMesh: (packet) => layer.sendPacket(packet),
      toStack: (packets) => {
        for (const packet of packets) hand(packet);
      },
    });
    const stack = new NetStack({
      address: node.self.address,
      mtu: hostMtu,
      mtuTo: (address) => (isNeighbour(node, address) ? neighbourMtu : hostMtu),
      clock: { now: clock, setTimer },
      random,
      answerPings: config.answerPings,
      output(packet) {
        if (contains(node.self.subnet, packet, DESTINATION_AT)) {
          lan.route(packet, 'stack');
          return;
        }
        // They were neighbours a moment ago.
        const fits =
          packet.length <= hostMtu || isNeighbour(node, packet.subarray(DESTINATION_AT, DESTINATION_AT + 16));
        const tooBig = { type: icmpType.tooBig, code: 0, word: hostMtu };
        const answer = fits ? layer.sendPacket(packet) : icmpErrorFor(packet, node.self.address, tooBig);
        if (answer !== null) hand(answer);
      },
    });
    const opened = config.listen === null ? { port: null, detail: '' } : await listen(node, config.listen);
    const discovery = config.discovery && opened.port !== null ? await discover(node, opened.port) : null;
    const relays = createRelays(
      stack,
      (name) => events.resolve(name),
      (address) => costOf(node, address),
    );
    const streams = createStreams(stack, events.accepted, (address) => costOf(node, address));
    const machines = createMeshSwitch({ switch: lan, setTimer, log });
    const network = watchNetwork({
      ...{ ...systemNetwork, clock, setTimer },
      changed(gone) {
        log.info({ gone: gone.size }, 'the network changed, or the computer slept');
        node.networkChanged(gone);
        discovery?.announce();
      },
    });
    running = { node, layer, stack, relays, streams, machines, discovery, network };
    const { address, publicKey } = node.self;
    return { address, publicKey, listening: opened.port, detail: opened.detail };
  };

  const discover = async (node: MeshNode, port: number): Promise<Discovery | null> => {
    try {
      return await startDiscovery({
        routerId: node.self.routerId,
        port,
        open: (receive) => openMulticast(receive, deps.interfaces ?? null),
        setTimer: deps.setTimer,
        add: (endpoint) => node.addPeer(endpoint),
        remove: (endpoint) => void node.removePeer(endpoint),
        failures: (endpoint) => failuresOf(node, endpoint),
      });
    } catch (error) {
      // Another program may hold the port for itself, or the system forbid multicast: the rest works.
      deps.log.warn({ error: String(error) }, 'nodes on the local network cannot be found');
      return null;
    }
  };

  return {
    start,
    async stop() {
      const was = running;
      running = null;
      if (was === null) return;
      cancelChanged?.();
      cancelChanged = null;
      was.network.stop();
      was.machines.close();
      await was.discovery?.stop();
      await was.streams.stop();
      await was.relays.stop();
      was.stack.close();
      was.layer.stop();
      await was.node.stop();
    },
    status() {
      const { node, discovery } = on();
      const now = deps.clock();
      return {
        peers: node.peers().map((peer) => ({ ...peer, age: now - peer.since })),
        dialling: node.dialling().map((one) => ({ ...one, endpoint: endpointText(one.endpoint) })),
        found: discovery?.found().map(endpointText) ?? [],
        routes: node.router.size().prefixes,
        ...node.traffic(),
      };
    },
    routes: () => routesOf(on().node),
    queries() {
      const now = deps.clock();
      return [...on().node.router.routes()]
        .filter(({ query }) => query !== null)
        .map(({ prefix, queryEnds }) => ({
          prefix: prefix.bytes,
          length: prefix.length,
          remaining: Math.max(0, queryEnds - now),
        }));
    },
    addPeer: (text) => on().node.addPeer(endpointOf(text)),
    removePeer: (text) => on().node.removePeer(endpointOf(text)),
    send: (destination, payload) => on().layer.send('message', destination, payload),
    requireSessions(keys) {
      required = new Map(keys.map((key) => [subnetOf(addressOf(key)).key, key]));
      running?.layer.policyChanged();
    },
    sessions: () => on().layer.status(),
    block(addresses) {
      blocked = new Set(addresses.map((address) => subnetOf(address).key));
    },
    ping: (address, options) => on().stack.ping(address, options),
    async probe(address, port, timeout) {
      const { stack } = on();
      const since = deps.clock();
      const socket = connectSocket(stack, { address, port, timeout });
      try {
        await new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('error', reject);
        });
        return deps.clock() - since;
      } finally {
        socket.destroy();
      }
    },
    forward: (...args) => on().relays.forward(...args),
    expose: (...args) => on().relays.expose(...args),
    admit: (...args) => on().relays.admit(...args),
    socks: (...args) => on().relays.socks(...args),
    httpGet: (...args) => on().relays.httpGet(...args),
    giveUpHttp: (id) => running?.relays.giveUpHttp(id),
    dialStream: (...args) => on().streams.dial(...args),
    listenStreams: (...args) => on().streams.listen(...args),
    admitStreams: (...args) => running?.streams.admit(...args),
    closeStreams: async (port) => running?.streams.close(port),
    closeRelay: async (id) => running?.relays.close(id),
    relays: () => running?.relays.traffic() ?? {},
    attachMachine: (machine) => on().machines.attach(machine),
    detachMachine: async (machine) => running?.machines.detach(machine),
    setMachineRules: async (machine, rules) => running?.machines.setRules(machine, rules),
    machineTraffic: async (machine) => (await running?.machines.counters(machine)) ?? null,
  };
}

/**
 * A port that is taken is no reason to let nobody in. The one had instead is tried again at the next start: peers were told
 * of it, and do not learn of another.
 */
async function listen(
  node: MeshNode,
  { host, port, instead }: NonNullable<EngineConfig['listen']>,
): Promise<{ port: number | null; detail: string }> {
  try {
    return { port: await node.listen(host, port), detail: '' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A computer without IPv6.
    if (code === 'EAFNOSUPPORT' && host === '::') return listen(node, { host: '0.0.0.0', port, instead });
    if (!isTaken(error)) {
      return { port: null, detail: 'This computer lets nobody connect to the node; it connects to others only.' };
    }
    const other = await node.listen(host, instead ?? 0).catch((again: unknown) => {
      if (!isTaken(again)) throw again;
      return node.listen(host, 0);
    });
    return { port: other, detail: `Port ${port} is taken by another program; peers find this node at port ${other}.` };
  }
}

function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE' || code === 'EACCES';
}

function failuresOf(node: MeshNode, endpoint: Endpoint): number {
  const text = endpointText(endpoint);
  return node.dialling().find((one) => endpointText(one.endpoint) === text)?.failures ?? 0;
}

/** Of the way to an address, as far as it is known; null where there is none. */
function costOf({ router }: MeshNode, address: Uint8Array): number | null {
  const selected = router.routesTo(subnetOf(address))?.selected;
  return selected != null && isReachable(selected) ? costOfEntry(selected) : null;
}

/** Whether the way to an address is one link of ours, to the node that owns it. */
function isNeighbour({ router }: MeshNode, address: Uint8Array): boolean {
  const selected = router.routesTo(subnetOf(address))?.selected;
  return selected != null && isReachable(selected) && selected.metric === 0;
}

function routesOf(node: MeshNode): EngineRoute[] {
  const routes: EngineRoute[] = [];
  for (const { prefix, entries, selected } of node.router.routes()) {
    for (const entry of entries) {
      routes.push({
        prefix: prefix.bytes,
        length: prefix.length,
        publicKey: publicKeyOf(entry.routerId).slice(),
        peer: entry.link.peer,
        cost: isReachable(entry) ? costOfEntry(entry) : null,
        metric: isReachable(entry) ? entry.metric : null,
        seqno: entry.seqno,
        direct: entry.metric === 0,
        selected: entry === selected,
      });
    }
  }
  return routes;
}

function endpointOf(text: string): Endpoint {
  const endpoint = parseEndpoint(text);
  if (endpoint === null) throw fail('BAD_INPUT', `${text} is no endpoint of a peer.`);
  return endpoint;
}
