import { hopLimitExceeded, type IcmpKind, ipv6HeaderBytes, noRoute } from '../icmp/icmpv6.ts';
import { decodeOutOfBand, encodeOutOfBand } from '../icmp/out-of-band.ts';
import type { NodeIdentity } from '../identity/node-identity.ts';
import type { Forwarding, PeerId } from '../router/effects.ts';
import { createPace, takeIfDue } from '../router/pace.ts';
import type { Nonces } from '../seal/nonces.ts';
import { createPair, type Pair, sealOverhead } from '../seal/pair.ts';
import { u32 } from '../wire/big-endian.ts';
import { dataHeaderBytes, destinationAt, hopLimitAt, maxBodyBytes, putDataHeader, sourceAt } from '../wire/packet.ts';
import { contains, type Prefix, subnetBits, subnetOf } from '../wire/prefix.ts';
import { publicKeyOf } from '../wire/router-id.ts';
import { decodeUserData, type UserType } from '../wire/user-data.ts';
import { createForwardingTable, type ForwardingEntry } from './forwarding-table.ts';
import { createLookupRation, type LookupShare } from './lookups.ts';
import type { ForwarderPorts, SendOptions } from './ports.ts';
import { createWaiting, defaultWaitingLimits, type WaitingLimits, type WaitingPacket } from './waiting.ts';

export interface ForwarderDeps {
  readonly self: NodeIdentity;
  readonly nonces: Nonces;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  readonly ports: ForwarderPorts;
  readonly waiting?: WaitingLimits;
}

export interface ForwarderCounters {
  forwarded: number;
  sent: number;
  delivered: number;
  /** Hop limit ended, no route, no room to wait. */
  unroutable: number;
  /** Of these, dropped because strangers had caused enough searches for routes (lookups.ts). */
  rationed: number;
  /** For us, but not sealed by who it claims to be from, or in no known form. */
  rejected: number;
}

/** Moves packets: those of others on, ours out, those for us in. */
export interface Forwarder {
  /**
   * A whole data packet from a neighbour. Its hop limit is lowered in place. Packets that go on may leave only with
   * {@link Forwarder.flush}, until which the bytes must stay as they are.
   *
   * @param from of the link that brought it
   */
  receive(bytes: Uint8Array, at: number, length: number, from: LookupShare): void;
  /** To be called at the end of each read. */
  flush(): void;
  /**
   * Seal a payload for the owner of an address and send it.
   *
   * @param hopLimit lowered once before the packet leaves, as everywhere
   * @returns false when it cannot be sent: too long, or no room to wait for a route
   */
  send(type: UserType, destination: Uint8Array, payload: Uint8Array, options?: SendOptions): boolean;
  /** The router decided about a prefix. */
  settle(prefix: Prefix, forwarding: Forwarding): void;
  readonly table: ReturnType<typeof createForwardingTable>;
  readonly counters: Readonly<ForwarderCounters>;
  waiting(): number;
}

interface Sender {
  /** Source and destination, as in the packet. */
  readonly addresses: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly entry: ForwardingEntry;
}

export const maxPayloadBytes = maxBodyBytes - sealOverhead;
/** Packets that lie behind each other and go the same way are passed on as one piece, up to this. */
export const maxSpanBytes = 256 * 1024;
const ownHopLimit = 64;
/** Errors sent to strangers, 100 each second and at once (RFC 4443 section 2.4 (f)). */
const errorRule = { interval: 10, burst: 100 };

export function createForwarder(deps: ForwarderDeps): Forwarder {
  const { self, ports, clock } = deps;
  const table = createForwardingTable();
  const waiting = createWaiting(deps.waiting ?? defaultWaitingLimits);
  const counters: ForwarderCounters = { forwarded: 0, sent: 0, delivered: 0, unroutable: 0, rationed: 0, rejected: 0 };
  /** Packets of the read under way that go on together. */
  const span = { peer: 0, bytes: new Uint8Array(0) as Uint8Array, at: 0, length: 0, packets: 0 };
  const own = { high: u32(self.subnet.bytes, 0), low: u32(self.subnet.bytes, 4) };
  /** Where the last packet went: those of one flow come in rows. Forgotten after each read and whenever a route changes. */
  const last = { high: 0, low: 0, peer: 0 };
  /** Who sent us the last packet, and to which of our addresses: the same, in rows. Forgotten with the same. */
  let sender: Sender | null = null;
  const errors = createPace();
  const ration = createLookupRation();

  const pairOf = (entry: ForwardingEntry): Pair | null => {
    if (entry.forwarding.state !== 'route') return null;
    if (entry.pair === undefined) {
      entry.pair = createPair(self.secret, self.publicKey, publicKeyOf(entry.forwarding.routerId), deps.nonces);
    }
    return entry.pair;
  };

  /** Wait for a route, and ask for it when nobody did. */
  const wait = (address: Uint8Array, known: ForwardingEntry | null, packet: WaitingPacket): boolean => {
    const asked = known?.forwarding.state === 'queried';
    if (!asked && packet.kind !== 'local' && !ration.allows(packet.kind, packet.from, clock())) {
      counters.rationed++;
      return false;
    }
    const subnet = subnetOf(address);
    if (!waiting.add(subnet.key, packet)) return false;
    if (!asked) ports.need(subnet);
    return true;
  };

  const mayError = (): boolean => takeIfDue(errors, errorRule, clock());

  /** Tell the sender of a packet that passed through here what became of it. */
  const report = (kind: IcmpKind, bytes: Uint8Array, at: number, length: number): void => {
    counters.unroutable++;
    const source = bytes.slice(at + sourceAt, at + destinationAt);
    if (!mayError()) return;
    const destination = bytes.subarray(at + destinationAt, at + dataHeaderBytes);
    const body = bytes.subarray(at + dataHeaderBytes, at + length);
    const payload = encodeOutOfBand(kind, self.subnet.bytes, source, destination, body);
    // Errors about errors would never end; those cannot be told apart from data, but they are not queued for a route.
    const entry = table.lookup(source, 0);
    if (entry?.forwarding.state === 'route') seal(entry, 'icmp', self.subnet.bytes, source, payload, ownHopLimit);
  };

  /** @returns false when the destination's key is unusable */
  const seal = (
    entry: ForwardingEntry,
    type: UserType,
    source: Uint8Array,
    destination: Uint8Array,
    payload: Uint8Array,
    hopLimit: number,
  ): boolean => {
    const pair = pairOf(entry);
    if (pair === null || entry.forwarding.state !== 'route') return false;
    const { peer } = entry.forwarding;
    const length = dataHeaderBytes + sealOverhead + payload.length;
    entry.used = true;
    const room = ports.room(peer, length);
    if (room === null) return true;
    const { bytes, at } = room;
    const body = pair.seal(type, payload, bytes, at + dataHeaderBytes);
    putDataHeader(bytes, at, body, hopLimit - 1, source, destination);
    ports.filled(peer, length);
    counters.sent++;
    return true;
  };

  const sendLocal = (packet: Extract<WaitingPacket, { kind: 'local' }>): boolean => {
    const entry = table.lookup(packet.destination, 0);
    if (entry?.forwarding.state === 'route') {
      return seal(entry, packet.type, packet.source, packet.destination, packet.payload, packet.hopLimit);
    }
    // The caller's bytes are the caller's again when `send` returns.
    return wait(packet.destination, entry, { ...packet, payload: packet.payload.slice() });
  };

  const flush = (): void => {
    // A row that goes on in the next read is looked up again, and so marked as used again.
    last.peer = 0;
    leave();
  };

  const leave = (): void => {
    if (span.packets === 0) return;
    const { peer, bytes, at, length, packets } = span;
    span.packets = 0;
    ports.transmit(peer, bytes, at, length, packets);
  };

  const extend = (peer: PeerId, bytes: Uint8Array, at: number, length: number): void => {
    const follows = span.packets > 0 && span.bytes === bytes && span.at + span.length === at && span.peer === peer;
    if (follows && span.length + length <= maxSpanBytes) {
      span.length += length;
      span.packets++;
      return;
    }
    leave();
    span.peer = peer;
    span.bytes = bytes;
    span.at = at;
    span.length = length;
    span.packets = 1;
  };

  /** The hop limit was lowered already. */
  const pass = (bytes: Uint8Array, at: number, length: number, from: LookupShare): void => {
    const peer = table.passTo(bytes, at + destinationAt);
    if (peer !== 0) {
      last.high = u32(bytes, at + destinationAt);
      last.low = u32(bytes, at + destinationAt + 4);
      last.peer = peer;
      counters.forwarded++;
      extend(peer, bytes, at, length);
      return;
    }
    const entry = table.lookup(bytes, at + destinationAt);
    if (entry?.forwarding.state === 'route') {
      entry.used = true;
      counters.forwarded++;
      extend(entry.forwarding.peer, bytes, at, length);
      return;
    }
    const packet = { kind: 'transit', packet: bytes.slice(at, at + length), from } as const;
    const destination = packet.packet.subarray(destinationAt, dataHeaderBytes);
    if (entry?.forwarding.state === 'unreachable' || !wait(destination, entry, packet)) {
      report(noRoute, bytes, at, length);
    }
  };

  /** Who a packet for us is from; null when it waits for, or will never have, a route back, which names the key. */
  const senderOf = (bytes: Uint8Array, at: number, length: number, from: LookupShare): Sender | null => {
    if (sender !== null && sameBytes(sender.addresses, 0, bytes, at + sourceAt, 32)) return sender;
    const addresses = bytes.slice(at + sourceAt, at + dataHeaderBytes);
    const source = addresses.subarray(0, 16);
    const entry = table.lookup(source, 0);
    if (entry?.forwarding.state !== 'route') {
      if (contains(self.subnet, source)) counters.rejected++;
      else if (!wait(source, entry, { kind: 'incoming', packet: bytes.slice(at, at + length), from }))
        counters.unroutable++;
      return null;
    }
    const destination = addresses.subarray(16);
    sender = { addresses, source, destination, publicKey: publicKeyOf(entry.forwarding.routerId), entry };
    return sender;
  };

  const accept = (bytes: Uint8Array, at: number, length: number, from: LookupShare): void => {
    const sealer = senderOf(bytes, at, length, from);
    if (sealer === null) return;
    const plain = pairOf(sealer.entry)?.open(bytes, at + dataHeaderBytes, length - dataHeaderBytes) ?? null;
    const user = plain === null ? null : decodeUserData(plain);
    if (user === null) {
      counters.rejected++;
      return;
    }
    const { source, destination, publicKey } = sealer;
    const { type, payload } = user;
    if (type === 'icmp') {
      returned(source, payload);
      return;
    }
    const hopLimit = bytes[at + hopLimitAt] as number;
    if (type === 'ipv6') {
      // Who holds the key answers for its /64 and for nothing else.
      if (payload.length < ipv6HeaderBytes || !sameBytes(source, 0, payload, 8, subnetBits / 8)) {
        counters.rejected++;
        return;
      }
      payload[7] = hopLimit;
    }
    if (type !== 'session') {
      counters.delivered++;
      ports.deliver({ type, source, destination, hopLimit, payload, publicKey });
    } else if (ports.session !== undefined) {
      counters.delivered++;
      ports.session({ source, destination, hopLimit, payload, publicKey });
    } else counters.rejected++;
  };

  /** A router could not carry a packet of ours, and hands it back as we sealed it. */
  const returned = (router: Uint8Array, payload: Uint8Array): void => {
    const told = decodeOutOfBand(payload);
    const entry = told === null ? null : table.lookup(told.destination, 0);
    const plain = told === null || entry === null ? null : (pairOf(entry)?.open(told.body) ?? null);
    const ours = plain === null ? null : decodeUserData(plain);
    if (told === null || ours === null || ours.type === 'icmp') {
      counters.rejected++;
      return;
    }
    ports.undelivered({
      kind: told.kind,
      destination: told.destination,
      type: ours.type,
      payload: ours.payload,
      router,
    });
  };

  const giveUp = (packet: WaitingPacket): void => {
    counters.unroutable++;
    if (packet.kind !== 'local') return;
    const { type, destination, payload } = packet;
    ports.undelivered({ kind: noRoute, type, destination, payload, router: null });
  };

  return {
    receive(bytes, at, length, from) {
      const hopLimit = bytes[at + hopLimitAt] as number;
      if (hopLimit < 2) {
        report(hopLimitExceeded, bytes, at, length);
        return;
      }
      bytes[at + hopLimitAt] = hopLimit - 1;
      const high = u32(bytes, at + destinationAt);
      const low = u32(bytes, at + destinationAt + 4);
      // The first packet of a row has marked the route as used.
      if (last.peer !== 0 && last.low === low && last.high === high) {
        counters.forwarded++;
        extend(last.peer, bytes, at, length);
      } else if (low === own.low && high === own.high) accept(bytes, at, length, from);
      else pass(bytes, at, length, from);
    },
    send(type, destination, payload, options = {}) {
      const { hopLimit = ownHopLimit, source = self.address } = options;
      if (payload.length > maxPayloadBytes || hopLimit < 2) return false;
      if (contains(self.subnet, destination)) {
        // Messages to oneself need no network. IPv6 packets inside our own subnet are the host's own affair.
        if (type !== 'message') return false;
        const { publicKey } = self;
        ports.deliver({ type, source, destination, hopLimit, payload: payload.slice(), publicKey });
        return true;
      }
      const local = { kind: 'local', type, source, destination, hopLimit, payload } as const;
      return sendLocal(local);
    },
    flush,
    settle(prefix, forwarding) {
      // What was decided before goes the old way, and the row of its flow ends here.
      flush();
      sender = null;
      table.set(prefix, forwarding);
      if (forwarding.state === 'queried') return;
      for (const packet of waiting.take(prefix.key)) {
        if (forwarding.state !== 'route') giveUp(packet);
        else if (packet.kind === 'local') {
          if (!sendLocal(packet)) giveUp(packet);
        } else if (packet.kind === 'transit') pass(packet.packet, 0, packet.packet.length, packet.from);
        else accept(packet.packet, 0, packet.packet.length, packet.from);
      }
      flush();
    },
    table,
    counters,
    waiting: () => waiting.size(),
  };
}

function sameBytes(a: Uint8Array, at: number, b: Uint8Array, bt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[at + i] !== b[bt + i]) return false;
  return true;
}
