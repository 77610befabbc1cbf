import type { Logger } from '#core/host.ts';
import { createForwarder } from '../forward/forwarder.ts';
import { createLookupShare } from '../forward/lookups.ts';
import type { Delivery, SendOptions, SessionDelivery, Undelivered } from '../forward/ports.ts';
import { checkHostPacket, errorForHost } from '../icmp/host-packet.ts';
import { noRoute } from '../icmp/icmpv6.ts';
import { createNodeIdentity, type NodeIdentity } from '../identity/node-identity.ts';
import type { Effect, PeerId } from '../router/effects.ts';
import { createRouter, type Router } from '../router/router.ts';
import { createNonces } from '../seal/nonces.ts';
import { type ControlMessage, encodeControl } from '../wire/control.ts';
import type { UserType } from '../wire/user-data.ts';
import { createControlBound } from './control-bound.ts';
import { createControlLog } from './control-log.ts';
import { createControlTurns } from './control-turns.ts';
import { createDialer, type Dialled } from './dialer.ts';
import { type Endpoint, endpointText } from './endpoint.ts';
import { createGathering } from './gathering.ts';
import { createInlet } from './inlet.ts';
import { createLateness } from './lateness.ts';
import { createPlaces, defaultPlaceLimits, type PlaceLimits } from './places.ts';
import type { Lease } from './read-buffers.ts';
import { createBatchPool, createSendQueue, defaultSendLimits, type SendQueue } from './send-queue.ts';
import type { ConnectionHandler, PeerConnection, Transport } from './transport.ts';
import { createWriteTurns } from './write-turns.ts';

export interface MeshNodeDeps {
  /** 32 bytes, the node's X25519 secret. */
  readonly secret: Uint8Array;
  readonly random: (n: number) => Uint8Array;
  /** Milliseconds on a clock that never goes back, whatever is done to the time of day. */
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly transport: Transport;
  readonly log: Logger;
  /** What was sealed for us. */
  readonly deliver: (delivery: Delivery) => void;
  /** What belongs to sessions with other Hypha nodes (session/secure-layer.ts); dropped where there are none. */
  readonly session?: (delivery: SessionDelivery) => void;
  /** What we sent and could not be carried. */
  readonly undelivered?: (packet: Undelivered) => void;
  /** A peer came or went. */
  readonly changed?: () => void;
  /** Connections that others make to us, at most; and how they are shared out. */
  readonly maxInbound?: number;
  readonly places?: Partial<Omit<PlaceLimits, 'total'>>;
  /** Bytes of routing messages that wait to leave, over all links, at most (send-queue.ts). */
  readonly controlInWait?: number;
}

export interface PeerStatus {
  readonly peer: PeerId;
  /** As dialled, or the address it came from. */
  readonly endpoint: string;
  readonly direction: 'outbound' | 'inbound';
  /** Milliseconds, smoothed; null before the first answer. */
  readonly rtt: number | null;
  readonly cost: number;
  readonly since: number;
  readonly rxBytes: number;
  readonly txBytes: number;
  /** Data packets that found no room. */
  readonly dropped: number;
  readonly backlog: number;
}

/** A node on the mesh: router, forwarder and the links between them and the world. */
export interface MeshNode {
  readonly self: NodeIdentity;
  readonly router: Router;
  /** Accept peers. @returns the port, which 0 leaves to the system */
  listen(host: string, port: number): Promise<number>;
  /** Keep a link to this peer. @returns false when that is so already */
  addPeer(endpoint: Endpoint): boolean;
  removePeer(endpoint: Endpoint): boolean;
  /** @returns false when it cannot be sent; true is no promise that it arrives */
  send(type: UserType, destination: Uint8Array, payload: Uint8Array, options?: SendOptions): boolean;
  /**
   * Send an IPv6 packet of the host's IP stack, as it is.
   *
   * @returns an ICMPv6 packet for the stack when it may not go out; null otherwise
   */
  sendPacket(packet: Uint8Array): Uint8Array | null;
  /**
   * The computer is on another network, or slept: links from an address it has no more end, since nothing passes over them;
   * the others are asked whether they live, and peers that could not be reached are dialled at once.
   */
  networkChanged(gone: ReadonlySet<string>): void;
  peers(): PeerStatus[];
  dialling(): Dialled[];
  /** Bytes since the start over all links, those that are gone too. */
  traffic(): { received: number; sent: number };
  readonly counters: ReturnType<typeof createForwarder>['counters'];
  stop(): Promise<void>;
}

interface LiveLink {
  readonly peer: PeerId;
  readonly connection: PeerConnection;
  readonly queue: SendQueue;
  readonly endpoint: string;
  readonly direction: 'outbound' | 'inbound';
  readonly since: number;
  rxBytes: number;
  txBytes: number;
  dropped: number;
}

/** Pieces of a read that leave without being copied have at least so many bytes (node/send-queue.ts). */
const longPiece = 32 * 1024;
/** So many sealed packets in one read are work to be had in smaller pieces. */
const manyOpened = 32;
/** Messages whose time on the way is measured. */
const timed: ReadonlySet<ControlMessage['type']> = new Set(['hello', 'ihu']);

export function createMeshNode(deps: MeshNodeDeps): MeshNode {
  const { clock, log, transport } = deps;
  const self = createNodeIdentity(deps.secret, deps.random);
  const links = new Map<PeerId, LiveLink>();
  const pool = createBatchPool();
  const told = createControlLog();
  const gathering = createGathering(clock, deps.setTimer);
  const bound = createControlBound(deps.controlInWait);
  const turns = createControlTurns({ clock, setTimer: deps.setTimer, soon: setImmediate });
  const together = { gathering, bound, turns: createWriteTurns(setImmediate) };
  /** The read under way: what lies in its bytes may be held by its lease. */
  const read = { bytes: null as Uint8Array | null, lease: undefined as Lease | undefined, long: false };
  const waiting = { bytes: 0 };
  const places = createPlaces({ ...deps.places, total: deps.maxInbound ?? defaultPlaceLimits.total });
  const listeners: { close(): Promise<void> }[] = [];
  /** Bytes of links that are gone. */
  const past = { received: 0, sent: 0 };
  let nextPeer: PeerId = 1;
  let stopped = false;
  let cancelTimer: (() => void) | null = null;
  let timerAt = Number.POSITIVE_INFINITY;

  const forwarder = createForwarder({
    self,
    nonces: createNonces(deps.random),
    clock,
    ports: {
      transmit(peer, bytes, at, length, packets) {
        const link = links.get(peer);
        if (link === undefined) return;
        const ofRead = bytes === read.bytes;
        if (ofRead && length >= longPiece) read.long = true;
        if (link.queue.data(bytes, at, length, ofRead ? read.lease : undefined)) link.txBytes += length;
        else link.dropped += packets;
      },
      room(peer, length) {
        const link = links.get(peer);
        const room = link?.queue.room(length) ?? null;
        if (link !== undefined && room === null) link.dropped++;
        return room;
      },
      filled(peer, length) {
        const link = links.get(peer);
        if (link === undefined) return;
        link.queue.filled(length);
        link.txBytes += length;
      },
      need: (subnet) => apply(router.need(clock(), subnet)),
      deliver: deps.deliver,
      session: deps.session,
      undelivered: deps.undelivered ?? (() => {}),
    },
  });
  const router = createRouter({ self, now: clock(), takeUsed: (prefix) => forwarder.table.takeUsed(prefix) });

  const lateness = createLateness({
    clock,
    setTimer: deps.setTimer,
    wanted: () => router.measuring(),
    late: (ms) => router.late(clock(), ms),
  });

  const apply = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.type === 'forward') forwarder.settle(effect.prefix, effect.forwarding);
      else if (effect.type === 'dead') {
        log.info({ peer: effect.peer }, 'a peer fell silent');
        links.get(effect.peer)?.connection.close();
      } else {
        if (effect.message.type === 'hello') lateness.watch();
        const packet = encodeControl(effect.message);
        const { bytes, at, length } =
          effect.to.length > 1 ? told.add(packet) : { bytes: packet, at: 0, length: packet.length };
        for (const peer of effect.to) {
          const link = links.get(peer);
          if (link === undefined) continue;
          link.txBytes += length;
          link.queue.control(bytes, at, length, timed.has(effect.message.type));
        }
      }
    }
    arm();
  };

  /** One timer of the system's for all of the router's. */
  const arm = (): void => {
    const next = router.next();
    if (stopped || (cancelTimer !== null && next >= timerAt)) return;
    cancelTimer?.();
    timerAt = next;
    cancelTimer = deps.setTimer(Math.max(0, next - clock()), () => {
      cancelTimer = null;
      apply(router.advance(clock()));
    });
  };

  const attach = (
    connection: PeerConnection,
    endpoint: string,
    direction: LiveLink['direction'],
  ): ConnectionHandler => {
    const peer = nextPeer++;
    const overrun = (): void => {
      log.warn({ peer, endpoint }, 'a peer takes in too little of what it is told');
      connection.close();
    };
    const queue = createSendQueue(connection, pool, overrun, defaultSendLimits, together);
    const lookups = createLookupShare();
    const since = clock();
    const link: LiveLink = { peer, connection, queue, endpoint, direction, since, rxBytes: 0, txBytes: 0, dropped: 0 };
    const inlet = createInlet({
      connection,
      turns,
      clock,
      waiting,
      data: (bytes, at, length) => forwarder.receive(bytes, at, length, lookups),
      control(message) {
        if (message.type === 'ihu') lateness.look();
        apply(router.receive(clock(), peer, message));
      },
      bad(why) {
        log.warn({ peer, endpoint }, why);
        connection.close();
      },
    });
    links.set(peer, link);
    apply(router.peerUp(since, peer, connection.staticCost));
    log.info({ peer, endpoint, direction }, 'a peer is connected');
    deps.changed?.();
    /** Packets that the last read brought for us, and that had to be opened. */
    let opened = 0;
    /** Whether it brought long pieces for others. */
    let long = false;
    return {
      data(bytes, start, end, lease) {
        if (!links.has(peer)) return;
        link.rxBytes += end - start;
        const { delivered, rejected } = forwarder.counters;
        read.bytes = bytes;
        read.lease = lease;
        read.long = false;
        together.turns.begin();
        try {
          inlet.push(bytes, start, end);
          forwarder.flush();
        } finally {
          together.turns.end();
          long = read.long;
          read.bytes = null;
          read.lease = undefined;
        }
        opened = forwarder.counters.delivered + forwarder.counters.rejected - delivered - rejected;
      },
      slow: () => opened > manyOpened,
      costly: inlet.costly,
      relays: () => long,
      drained: () => queue.drained(),
      closed() {
        if (!links.delete(peer)) return;
        queue.stop();
        inlet.stop();
        past.received += link.rxBytes;
        past.sent += link.txBytes;
        log.info({ peer, endpoint }, 'a peer is gone');
        if (!stopped) apply(router.peerDown(clock(), peer));
        deps.changed?.();
      },
    };
  };

  const dialer = createDialer({
    clock,
    setTimer: deps.setTimer,
    random: deps.random,
    dial: (endpoint, connected) =>
      new Promise((ended, failed) => {
        const ending = (connection: PeerConnection): ConnectionHandler => {
          if (stopped) {
            // Dialled before the end, answered after it.
            connection.close();
            return { data() {}, drained() {}, closed: ended };
          }
          const handler = attach(connection, endpointText(endpoint), 'outbound');
          return {
            ...handler,
            closed() {
              handler.closed();
              ended();
            },
          };
        };
        transport.connect(endpoint, ending).then(connected, failed);
      }),
  });

  arm();

  return {
    self,
    router,
    counters: forwarder.counters,
    async listen(host, port) {
      const listener = await transport.listen(
        host,
        port,
        (connection) => (stopped ? null : attach(connection, `tcp://${connection.remote}`, 'inbound')),
        places.take,
      );
      listeners.push(listener);
      return listener.port;
    },
    addPeer: (endpoint) => dialer.add(endpoint),
    removePeer(endpoint) {
      if (!dialer.remove(endpoint)) return false;
      const text = endpointText(endpoint);
      for (const link of links.values()) {
        if (link.direction === 'outbound' && link.endpoint === text) link.connection.close();
      }
      return true;
    },
    send(type, destination, payload, options) {
      turns.moved();
      return forwarder.send(type, destination, payload, options);
    },
    sendPacket(packet) {
      const checked = checkHostPacket(packet, self);
      if (!checked.ok) return checked.answer;
      turns.moved();
      const { source, destination, hopLimit } = checked;
      if (forwarder.send('ipv6', destination, packet, { hopLimit, source })) return null;
      return errorForHost({ kind: noRoute, type: 'ipv6', destination, payload: packet, router: null });
    },
    networkChanged(gone) {
      for (const link of [...links.values()]) if (gone.has(link.connection.local)) link.connection.close();
      apply(router.probe(clock()));
      dialer.hurry();
    },
    peers() {
      const known = new Map([...router.links()].map((link) => [link.peer, link]));
      return [...links.values()].map(({ peer, endpoint, direction, since, rxBytes, txBytes, dropped, queue }) => ({
        peer,
        endpoint,
        direction,
        rtt: known.get(peer)?.smoothed ?? null,
        cost: known.get(peer)?.cost ?? 0,
        since,
        rxBytes,
        txBytes,
        dropped,
        backlog: queue.backlog(),
      }));
    },
    dialling: () => dialer.endpoints(),
    traffic() {
      const sum = { ...past };
      for (const link of links.values()) {
        sum.received += link.rxBytes;
        sum.sent += link.txBytes;
      }
      return sum;
    },
    async stop() {
      stopped = true;
      cancelTimer?.();
      turns.stop();
      lateness.stop();
      dialer.stop();
      for (const link of [...links.values()]) link.connection.close();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
