import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { noRoute } from '../icmp/icmpv6.ts';
import { createNodeIdentity, type NodeIdentity } from '../identity/node-identity.ts';
import { createNonces } from '../seal/nonces.ts';
import { echoRequest } from '../testing/test-node.ts';
import { secretA, secretAlice, secretB, secretBob } from '../testing/vectors.ts';
import { encodeDataPacket, hopLimitAt } from '../wire/packet.ts';
import type { Prefix } from '../wire/prefix.ts';
import { createForwarder, type Forwarder } from './forwarder.ts';
import { createLookupShare, type LookupShare } from './lookups.ts';
import type { Delivery, Undelivered } from './ports.ts';

const a = createNodeIdentity(secretA, seededRandom(1));
const b = createNodeIdentity(secretB, seededRandom(2));
const router = createNodeIdentity(secretAlice, seededRandom(3));
const stranger = createNodeIdentity(secretBob, seededRandom(4));

/** The link to this peer has no room. */
const fullPeer = 77;

interface Rigged extends Omit<Forwarder, 'receive'> {
  /** By one and the same link, unless told otherwise. */
  receive(bytes: Uint8Array, at: number, length: number, from?: LookupShare): void;
}

interface Rig {
  /** Every packet is a read of its own. */
  readonly forwarder: Rigged;
  /** The same, reads left to the test. */
  readonly spans: Rigged;
  readonly out: { peer: number; packet: Uint8Array }[];
  readonly needs: Prefix[];
  readonly got: Delivery[];
  readonly lost: Undelivered[];
}

function rig(self: NodeIdentity): Rig {
  const out: Rig['out'] = [];
  const needs: Prefix[] = [];
  const got: Delivery[] = [];
  const lost: Undelivered[] = [];
  const room = { bytes: new Uint8Array(4096).fill(0xdd), at: 100 };
  const made = createForwarder({
    self,
    nonces: createNonces(seededRandom(5)),
    clock: () => 0,
    waiting: { packets: 30, bytes: 100_000, perSubnet: 20, incomingPerSubnet: 5 },
    ports: {
      transmit: (peer, bytes, at, length) => out.push({ peer, packet: bytes.slice(at, at + length) }),
      room: (peer, length) => (peer === fullPeer || length > 3000 ? null : room),
      filled: (peer, length) => out.push({ peer, packet: room.bytes.slice(room.at, room.at + length) }),
      need: (subnet) => needs.push(subnet),
      deliver: (delivery) => got.push(delivery),
      undelivered: (packet) => lost.push(packet),
    },
  });
  const link = createLookupShare();
  const receive: Rigged['receive'] = (bytes, at, length, from = link) => {
    made.receive(bytes, at, length, from);
    made.flush();
  };
  const spans: Rigged = { ...made, receive: (bytes, at, length) => made.receive(bytes, at, length, link) };
  return { forwarder: { ...made, receive }, spans, out, needs, got, lost };
}

const route = (forwarder: Rigged, to: NodeIdentity, peer: number): void =>
  forwarder.settle(to.subnet, { state: 'route', peer, routerId: to.routerId });
const packet = (rigged: Rig, i = 0): Uint8Array => rigged.out[i]?.packet ?? new Uint8Array(0);
const ping = echoRequest(a.address, b.address);

/** A packet from `from` to B, as it leaves there. */
function sealed(from: NodeIdentity, payload: Uint8Array, source = from.address): Uint8Array {
  const sender = rig(from);
  route(sender.forwarder, b, 1);
  sender.forwarder.send('ipv6', b.address, payload, { source });
  return packet(sender);
}

describe('the forwarder', () => {
  it('seals, carries and opens, with the hop limit lowered by each', () => {
    const [sender, middle, receiver] = [rig(a), rig(router), rig(b)];
    route(sender.forwarder, b, 7);
    route(middle.forwarder, b, 8);
    route(receiver.forwarder, a, 9);
    expect(sender.forwarder.send('ipv6', b.address, ping)).toBe(true);
    expect(sender.out[0]?.peer).toBe(7);
    expect(packet(sender)[hopLimitAt]).toBe(63);
    middle.forwarder.receive(packet(sender), 0, packet(sender).length);
    expect(middle.out[0]?.peer).toBe(8);
    expect(packet(middle)[hopLimitAt]).toBe(62);
    receiver.forwarder.receive(packet(middle), 0, packet(middle).length);
    expect(receiver.got[0]).toMatchObject({ type: 'ipv6', hopLimit: 61, publicKey: a.publicKey });
    const arrived = ping.slice();
    arrived[7] = 61;
    expect(receiver.got[0]?.payload).toEqual(arrived);
  });

  it('drops what the link has no room for before it costs a nonce', () => {
    const sender = rig(a);
    route(sender.forwarder, b, fullPeer);
    expect(sender.forwarder.send('ipv6', b.address, ping)).toBe(true);
    expect(sender.forwarder.counters.sent).toBe(0);
    route(sender.forwarder, b, 1);
    sender.forwarder.send('ipv6', b.address, ping);
    expect(sender.out.map(({ peer }) => peer)).toEqual([1]);
    // The counter at the end of the nonce, which is at the end of the packet: the first there was.
    expect(packet(sender).slice(-4)).toEqual(Uint8Array.of(0, 0, 0, 0));
  });

  it('opens rows of packets from several senders each with its own key, also when a key changes', () => {
    const receiver = rig(b);
    const again = createNodeIdentity(secretA, seededRandom(9));
    route(receiver.forwarder, a, 1);
    route(receiver.forwarder, router, 1);
    const give = (bytes: Uint8Array): void => receiver.forwarder.receive(bytes.slice(), 0, bytes.length);
    const other = sealed(router, echoRequest(router.address, b.address));
    for (const bytes of [sealed(a, ping), sealed(a, ping), other, sealed(a, ping)]) give(bytes);
    expect(receiver.got.map(({ publicKey }) => publicKey)).toEqual([a, a, router, a].map((node) => node.publicKey));
    expect(receiver.got[2]?.source).toEqual(router.address);
    // A restart of the sender: another run of the same key.
    route(receiver.forwarder, again, 1);
    give(sealed(a, ping));
    receiver.forwarder.settle(a.subnet, { state: 'unknown' });
    give(sealed(a, ping));
    expect(receiver.got.length).toBe(5);
    expect(receiver.forwarder.waiting()).toBe(1);
  });

  it('passes on rows of packets in one piece, in order, whatever lies between them', () => {
    const middle = rig(router);
    route(middle.forwarder, b, 8);
    route(middle.forwarder, stranger, 8);
    route(middle.forwarder, a, 9);
    const to = (node: NodeIdentity, n: number): Uint8Array =>
      encodeDataPacket({
        hopLimit: 9,
        source: router.address,
        destination: node.address,
        body: new Uint8Array(30).fill(n),
      });
    const packets = [to(b, 1), to(b, 2), to(stranger, 3), to(a, 4), to(b, 5), to(b, 6)];
    const read = Uint8Array.from(packets.flatMap((one) => [...one]));
    let at = 0;
    for (const one of packets) {
      middle.spans.receive(read, at, one.length);
      at += one.length;
    }
    expect(middle.out.length).toBe(2);
    middle.spans.flush();
    expect(middle.out.map(({ peer, packet: bytes }) => [peer, bytes.length / 70])).toEqual([
      [8, 3],
      [9, 1],
      [8, 2],
    ]);
    const all = middle.out.flatMap(({ packet: bytes }) => [...bytes]);
    expect(all.filter((_, i) => i % 70 === 69)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(all.filter((_, i) => i % 70 === hopLimitAt)).toEqual([8, 8, 8, 8, 8, 8]);
  });

  it('follows a route that changes in the middle of a read', () => {
    const middle = rig(router);
    route(middle.forwarder, b, 8);
    const one = encodeDataPacket({ hopLimit: 9, source: a.address, destination: b.address, body: new Uint8Array(32) });
    const read = Uint8Array.from([...one, ...one]);
    middle.spans.receive(read, 0, one.length);
    route(middle.forwarder, b, 9);
    middle.spans.receive(read, one.length, one.length);
    middle.spans.flush();
    expect(middle.out.map(({ peer }) => peer)).toEqual([8, 9]);
  });

  it('lets packets wait for their route, each in its kind, and asks for it', () => {
    const [sender, middle, receiver] = [rig(a), rig(router), rig(b)];
    sender.forwarder.send('ipv6', b.address, ping);
    expect(sender.out).toEqual([]);
    expect(sender.needs.map((prefix) => prefix.key)).toEqual([b.subnet.key]);
    sender.forwarder.settle(b.subnet, { state: 'queried' });
    sender.forwarder.send('ipv6', b.address, ping);
    expect(sender.needs.length).toBe(1);
    route(sender.forwarder, b, 1);
    expect(sender.out.length).toBe(2);
    for (const { packet: bytes } of sender.out) middle.forwarder.receive(bytes.slice(), 0, bytes.length);
    expect(middle.forwarder.waiting()).toBe(2);
    route(middle.forwarder, b, 1);
    expect(middle.out.length).toBe(2);
    for (const { packet: bytes } of middle.out) receiver.forwarder.receive(bytes.slice(), 0, bytes.length);
    expect(receiver.needs.map((prefix) => prefix.key)).toEqual([a.subnet.key, a.subnet.key]);
    route(receiver.forwarder, a, 1);
    expect(receiver.got.length).toBe(2);
  });

  it('says when there is no route after all', () => {
    const sender = rig(a);
    sender.forwarder.send('ipv6', b.address, ping);
    sender.forwarder.settle(b.subnet, { state: 'unknown' });
    expect(sender.lost).toEqual([{ kind: noRoute, type: 'ipv6', destination: b.address, payload: ping, router: null }]);
  });

  it('tells the sender of transit packets that cannot go on', () => {
    const [sender, middle] = [rig(a), rig(router)];
    route(sender.forwarder, b, 1);
    route(sender.forwarder, router, 1);
    route(middle.forwarder, a, 2);
    middle.forwarder.settle(b.subnet, { state: 'unreachable' });
    sender.forwarder.send('ipv6', b.address, ping);
    middle.forwarder.receive(packet(sender).slice(), 0, packet(sender).length);
    expect(middle.out[0]?.peer).toBe(2);
    sender.forwarder.receive(packet(middle).slice(), 0, packet(middle).length);
    expect(sender.lost[0]).toMatchObject({ kind: noRoute, type: 'ipv6', payload: ping, router: router.subnet.bytes });
  });

  it('does not let errors be used to flood', () => {
    const middle = rig(router);
    route(middle.forwarder, a, 2);
    middle.forwarder.settle(b.subnet, { state: 'unreachable' });
    const bytes = sealed(a, ping);
    for (let i = 0; i < 1000; i++) middle.forwarder.receive(bytes.slice(), 0, bytes.length);
    expect(middle.out.length).toBe(100);
  });

  it('believes nobody who speaks for another', () => {
    const receiver = rig(b);
    route(receiver.forwarder, a, 1);
    route(receiver.forwarder, stranger, 1);
    // The outer source is another's: it was not sealed with that key.
    const outer = sealed(stranger, echoRequest(a.address, b.address));
    outer.set(a.address, 8);
    receiver.forwarder.receive(outer, 0, outer.length);
    // The inner source is another's: the key is right, the claim is not.
    const inner = sealed(stranger, echoRequest(a.address, b.address));
    receiver.forwarder.receive(inner, 0, inner.length);
    // A source within ourselves.
    const ours = sealed(stranger, echoRequest(b.address, b.address));
    ours.set(b.address, 8);
    receiver.forwarder.receive(ours, 0, ours.length);
    expect(receiver.got).toEqual([]);
    expect(receiver.forwarder.counters.rejected).toBe(3);
  });

  it('holds a bounded number of packets, whoever sends them', () => {
    const receiver = rig(b);
    const bytes = sealed(a, ping);
    for (let i = 0; i < 100; i++) {
      const packetOf = bytes.slice();
      packetOf.set(Uint8Array.of(4, i, 0, 0), 8);
      for (let n = 0; n < 10; n++) receiver.forwarder.receive(packetOf.slice(), 0, packetOf.length);
    }
    expect(receiver.forwarder.waiting()).toBe(22);
    // The rest is for our own.
    for (let i = 0; i < 10; i++) receiver.forwarder.send('ipv6', a.address, ping);
    expect(receiver.forwarder.waiting()).toBe(30);
  });

  it('keeps some of what may wait for one subnet for our own packets', () => {
    const { forwarder } = rig(router);
    const bytes = sealed(a, ping);
    for (let i = 0; i < 30; i++) forwarder.receive(bytes.slice(), 0, bytes.length);
    expect(forwarder.waiting()).toBe(15);
    for (let i = 0; i < 5; i++) expect(forwarder.send('ipv6', b.address, ping)).toBe(true);
    expect(forwarder.send('ipv6', b.address, ping)).toBe(false);
    // Whatever waited has left its place to others.
    forwarder.settle(b.subnet, { state: 'unknown' });
    for (let i = 0; i < 30; i++) forwarder.receive(bytes.slice(), 0, bytes.length);
    expect(forwarder.waiting()).toBe(15);
  });

  it('cannot be made to seal for a key of low order', () => {
    const sender = rig(a);
    const low = createNodeIdentity(secretB, seededRandom(1));
    const routerId = { bytes: new Uint8Array(40), key: '00'.repeat(40) };
    sender.forwarder.settle(low.subnet, { state: 'route', peer: 1, routerId });
    expect(sender.forwarder.send('ipv6', low.address, ping)).toBe(false);
    expect(sender.out).toEqual([]);
  });

  it('refuses what no packet can hold', () => {
    const { forwarder } = rig(a);
    expect(forwarder.send('message', b.address, new Uint8Array(65_535))).toBe(false);
    expect(forwarder.send('ipv6', b.address, ping, { hopLimit: 1 })).toBe(false);
    expect(forwarder.send('ipv6', a.address, ping)).toBe(false);
  });

  it('survives any packets', () => {
    const receiver = rig(b);
    route(receiver.forwarder, a, 1);
    const address = fc.constantFrom(a.address, b.address, router.address, a.subnet.bytes, new Uint8Array(16));
    fc.assert(
      fc.property(
        fc.nat(255),
        address,
        address,
        fc.uint8Array({ maxLength: 120 }),
        (hopLimit, source, destination, body) => {
          const bytes = encodeDataPacket({ hopLimit, source, destination, body });
          receiver.forwarder.receive(bytes, 0, bytes.length);
        },
      ),
      { numRuns: 1000 },
    );
    expect(receiver.got).toEqual([]);
  });
});
