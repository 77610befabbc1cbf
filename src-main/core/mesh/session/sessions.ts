import { equalBytes } from '#core/crypto/equal.ts';
import type { Delivery, SendOptions, SessionDelivery, Undelivered } from '../forward/ports.ts';
import { ipv6HeaderBytes } from '../icmp/icmpv6.ts';
import { addressOf } from '../identity/address.ts';
import { contains, type Prefix, subnetBits, subnetOf } from '../wire/prefix.ts';
import { defaultSessionLimits, defaultTimes, type SessionLimits, type SessionTimes } from './constants.ts';
import { createCookies } from './cookies.ts';
import type { StaticKeys } from './handshake.ts';
import { createPeer, type Peer } from './peer.ts';
import { createPeerTable } from './peer-table.ts';
import type { SessionPolicy } from './policy.ts';
import { createRate } from './rate.ts';
import { decodeDataHead, decodeHandshake, encodeHandshake, type HandshakePacket, isData } from './wire.ts';
import type { SessionCounters, SessionStatus, World, WorldPorts } from './world.ts';

export interface SessionPorts extends WorldPorts {
  deliver(delivery: Delivery): void;
  /** The public key that routing knows for an address; null when it knows none. */
  keyOf(address: Uint8Array): Uint8Array | null;
}

export interface SessionsDeps {
  readonly self: StaticKeys;
  /** Milliseconds on a clock that never goes back. */
  readonly now: number;
  readonly random: (n: number) => Uint8Array;
  readonly policy: SessionPolicy;
  readonly ports: SessionPorts;
  readonly times?: Partial<SessionTimes>;
  readonly limits?: Partial<SessionLimits>;
}

/**
 * Sessions with all peers: forward secrecy and protection from replay between Hypha nodes, on top of the seal that every
 * packet has. Pure: time, randomness and packets come in as arguments.
 */
export interface Sessions {
  /** @returns false when it is not sent and will not be */
  send(
    now: number,
    type: Delivery['type'],
    destination: Uint8Array,
    payload: Uint8Array,
    options?: SendOptions,
  ): boolean;
  /** User data of type session arrived. */
  receive(now: number, delivery: SessionDelivery): void;
  /** A packet arrived outside any session. */
  receiveStatic(now: number, delivery: Delivery): void;
  /** What became of it, in the terms of who sent it; null when it was not for them to know. */
  undelivered(lost: Undelivered): Undelivered | null;
  /** Ask the policy about every peer again. */
  policyChanged(now: number): void;
  /** Do what is due. */
  advance(now: number): void;
  /** When something is due; infinity when nothing is. */
  next(): number;
  status(now: number): SessionStatus[];
  readonly counters: Readonly<SessionCounters>;
  /** Forget all keys. */
  erase(): void;
}

export function createSessions(deps: SessionsDeps): Sessions {
  const { self, policy, ports } = deps;
  const limits = { ...defaultSessionLimits, ...deps.limits };
  const table = createPeerTable();
  const own: Prefix = subnetOf(addressOf(self.publicKey));
  const cookies = createCookies(deps.now, deps.random);
  const hellos = createRate(deps.now, limits.hellos, limits.helloBurst);
  const inits = createRate(deps.now, limits.inits, limits.initBurst);
  const counters: SessionCounters = {
    ...{ replayed: 0, forged: 0, unknown: 0, outside: 0, limited: 0, malformed: 0, handshakes: 0 },
  };
  let wake = Number.POSITIVE_INFINITY;
  const world: World = {
    self,
    random: deps.random,
    times: { ...defaultTimes, ...deps.times },
    limits,
    counters,
    held: { left: limits.heldBytesOfAll },
    ports,
    wake(at) {
      wake = Math.min(wake, at);
    },
  };

  const isGreater = (other: Uint8Array): boolean => {
    for (let i = 0; i < 32; i++) {
      const difference = (self.publicKey[i] as number) - (other[i] as number);
      if (difference !== 0) return difference > 0;
    }
    return false;
  };

  const drop = (peer: Peer): void => {
    peer.erase();
    table.remove(peer);
  };

  /** @returns false when every peer is one that must not make room */
  const makeRoom = (now: number): boolean => {
    if (table.size() < limits.peers) return true;
    let oldest: Peer | null = null;
    let oldestIdle = false;
    for (const peer of table.all()) {
      const idle = peer.isIdle(now);
      if (peer.mode === 'require' || (!idle && now - peer.lastUsed < limits.idle)) continue;
      if (oldest === null || (idle && !oldestIdle) || (idle === oldestIdle && peer.lastUsed < oldest.lastUsed)) {
        oldest = peer;
        oldestIdle = idle;
      }
    }
    if (oldest !== null) drop(oldest);
    return oldest !== null;
  };

  const modeOf = (address: Uint8Array, publicKey: Uint8Array): Peer['mode'] => {
    const required = policy.required(address);
    if (required !== null) return equalBytes(required, publicKey) ? 'require' : 'off';
    return policy.offered(publicKey) ? 'prefer' : 'off';
  };

  const create = (now: number, publicKey: Uint8Array): Peer | null => {
    const address = addressOf(publicKey);
    const mode = modeOf(address, publicKey);
    // Contacts are few and named by the user: they do not compete with strangers for room.
    if (!makeRoom(now) && mode !== 'require') return null;
    const peer = createPeer(world, publicKey.slice(), isGreater(publicKey), mode, now);
    table.add(peer);
    return peer;
  };

  /** Whether somebody else is the one we expect behind this address: then the key, whatever routing says, is an intruder's. */
  const isImpostor = (address: Uint8Array, publicKey: Uint8Array): boolean => {
    const required = policy.required(address);
    return required !== null && !equalBytes(required, publicKey);
  };

  /** The peer that a delivery came from; null when there is none, or another holds its place. */
  const known = (now: number, source: Uint8Array, publicKey: Uint8Array): Peer | null => {
    const peer = table.find(source);
    if (peer === null || equalBytes(peer.publicKey, publicKey)) return peer;
    // Two keys for one /64 are 2^57 tries' work; who has a session, or must have one, keeps the place.
    if (peer.mode === 'require' || peer.hasSession(now)) return null;
    drop(peer);
    return null;
  };

  const handshake = (now: number, delivery: SessionDelivery, packet: HandshakePacket): void => {
    const { source, publicKey } = delivery;
    let peer = known(now, source, publicKey);
    if (peer === null && table.find(source) !== null) return;
    const mode = peer?.mode ?? modeOf(source, publicKey);
    if (mode === 'off') return;
    switch (packet.kind) {
      case 'hello': {
        if (mode !== 'require' && peer?.hasSession(now) !== true && !hellos.take(now)) {
          counters.limited++;
          return;
        }
        if (peer !== null && !peer.hello(now, packet.nonce)) return;
        const cookie = cookies.make(now, publicKey, packet.nonce);
        const greater = isGreater(publicKey);
        const answer = encodeHandshake({ kind: 'challenge', greater, nonce: packet.nonce, cookie });
        ports.transmit(addressOf(publicKey), answer);
        return;
      }
      case 'challenge':
        peer?.challenge(now, packet);
        return;
      case 'init':
        if (!cookies.check(now, publicKey, packet.nonce, packet.cookie)) {
          counters.unknown++;
          return;
        }
        peer ??= create(now, publicKey);
        if (peer === null) counters.limited++;
        else peer.init(now, packet, inits);
        return;
      case 'response':
        peer?.response(now, packet);
    }
  };

  const data = (now: number, delivery: SessionDelivery): void => {
    const { source, publicKey, payload: packet, hopLimit } = delivery;
    const head = decodeDataHead(packet);
    if (head === null) {
      counters.malformed++;
      return;
    }
    const peer = known(now, source, publicKey);
    if (peer === null) {
      // We may have restarted: the sender does not know. Each stranger's packet is as good as a hello.
      counters.unknown++;
      const mode = table.find(source) === null ? modeOf(source, publicKey) : 'off';
      if (mode === 'off') return;
      if (mode !== 'require' && !hellos.take(now)) counters.limited++;
      else create(now, publicKey)?.unknown(now);
      return;
    }
    const payload = peer.data(now, head, packet);
    if (payload === null || head.type === 'keepalive') return;
    if (head.type === 'ipv6') {
      // As for packets outside a session: who holds the key answers for its /64 and for nothing else.
      if (payload.length < ipv6HeaderBytes || !sameSubnet(source, payload, 8)) {
        counters.malformed++;
        return;
      }
      payload[7] = hopLimit;
    }
    const { destination } = delivery;
    ports.deliver({ type: head.type, source, destination, hopLimit, payload, publicKey });
  };

  return {
    send(now, type, destination, payload, options) {
      let peer = table.find(destination);
      if (peer === null) {
        if (contains(own, destination)) return ports.sendStatic(type, destination, payload, options);
        const required = policy.required(destination);
        const publicKey = required ?? ports.keyOf(destination);
        if (publicKey !== null && sameSubnet(addressOf(publicKey), destination)) peer = create(now, publicKey);
        if (peer === null) {
          if (required !== null) return false;
          return ports.sendStatic(type, destination, payload, options);
        }
      }
      const outcome = peer.send(now, type, destination, payload, options);
      if (outcome === 'static') return ports.sendStatic(type, destination, payload, options);
      return outcome !== 'refused';
    },
    receive(now, delivery) {
      const { payload, publicKey } = delivery;
      if (isData(payload)) {
        data(now, delivery);
        return;
      }
      const packet = decodeHandshake(payload);
      // The other side of what we are; else it is ours, handed back.
      if (packet === null || packet.greater === isGreater(publicKey)) counters.malformed++;
      else handshake(now, delivery, packet);
    },
    receiveStatic(now, delivery) {
      const { source, publicKey } = delivery;
      const peer = known(now, source, publicKey);
      if ((peer === null && table.find(source) !== null) || isImpostor(source, publicKey)) {
        counters.outside++;
        return;
      }
      // A contact whom we have not talked to yet in this run may only speak in a session, too.
      const strict = peer ?? (policy.required(source) === null ? null : create(now, publicKey));
      if (strict === null || strict.admitStatic(now)) ports.deliver(delivery);
    },
    undelivered(lost) {
      if (lost.type !== 'session') return lost;
      const head = isData(lost.payload) ? decodeDataHead(lost.payload) : null;
      if (head === null || head.type === 'keepalive') return null;
      const payload = table.find(lost.destination)?.openOwn(head, lost.payload) ?? null;
      return payload === null ? null : { ...lost, type: head.type, payload };
    },
    policyChanged(now) {
      for (const peer of [...table.all()]) {
        if (isImpostor(peer.address, peer.publicKey)) drop(peer);
        else peer.setMode(now, modeOf(peer.address, peer.publicKey));
      }
    },
    advance(now) {
      wake = Number.POSITIVE_INFINITY;
      for (const peer of table.all()) {
        if (peer.due() <= now) peer.tick(now);
        wake = Math.min(wake, peer.due());
      }
    },
    next: () => wake,
    status: (now) => [...table.all()].map((peer) => peer.status(now)),
    counters,
    erase() {
      for (const peer of [...table.all()]) drop(peer);
    },
  };
}

function sameSubnet(address: Uint8Array, bytes: Uint8Array, at = 0): boolean {
  for (let i = 0; i < subnetBits / 8; i++) if (address[i] !== bytes[at + i]) return false;
  return true;
}
