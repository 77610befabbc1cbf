import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { addressOf } from '../identity/address.ts';
import { createDice } from '../testing/dice.ts';
import { silentLink } from '../testing/silent-link.ts';
import { echoRequest, startTestNode, type TestNode, until } from '../testing/test-node.ts';
import { type ControlMessage, encodeControl } from '../wire/control.ts';
import { encodeDataPacket } from '../wire/packet.ts';
import { subnetOf } from '../wire/prefix.ts';
import { createRouterId } from '../wire/router-id.ts';

/*
 * Peers that mean harm, on real sockets, while two honest ones use the node between them. What must hold: the node lives,
 * remembers a bounded amount, and the honest two keep their service.
 */

const running: TestNode[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function start(options: { maxInbound?: number } = {}): Promise<TestNode> {
  const made = await startTestNode(options);
  running.push(made);
  return made;
}

/** A router in the middle and two who ping each other through it. */
async function honest(options: { maxInbound?: number } = {}) {
  const [middle, a, b] = [await start(options), await start(), await start()];
  for (const one of [a, b]) one.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: middle.port });
  const serve = async (): Promise<void> => {
    const before = b.got.length;
    a.node.send('ipv6', b.node.self.address, echoRequest(a.node.self.address, b.node.self.address));
    await until(() => b.got.length > before);
  };
  await serve();
  return { middle, serve };
}

async function enemy(port: number): Promise<Socket> {
  const socket = await silentLink(port);
  sockets.push(socket);
  return socket;
}

const say = (socket: Socket, message: ControlMessage): boolean => socket.write(encodeControl(message));
const written = (socket: Socket): Promise<unknown> => new Promise((done) => socket.write(new Uint8Array(0), done));

describe('a node among hostile peers', () => {
  it('outlives a storm of routes and keeps its own', async () => {
    const { middle, serve } = await honest();
    const socket = await enemy(middle.port);
    const dice = createDice(1);
    for (let i = 0; i < 5_000; i++) {
      const key = dice.bytes(32);
      const prefix = subnetOf(addressOf(key));
      const routerId = createRouterId(key, dice.bytes(6));
      say(socket, { type: 'update', prefix, interval: 30_000, seqno: i & 0xffff, metric: 5, routerId });
    }
    await written(socket);
    await serve();
    await until(() => middle.node.router.size().prefixes >= 5_000);
    socket.destroy();
    await until(() => middle.node.router.size().prefixes === 2);
    await serve();
  });

  it('believes no forged route to another', async () => {
    const { middle, serve } = await honest();
    const socket = await enemy(middle.port);
    const victims = [...middle.node.router.routes()].map((routes) => routes.prefix);
    const key = systemRandom(32);
    for (let seqno = 0; seqno < 500; seqno++) {
      for (const prefix of victims) {
        const routerId = createRouterId(key, systemRandom(6));
        say(socket, { type: 'update', prefix, interval: 30_000, seqno, metric: 0, routerId });
        say(socket, { type: 'update', prefix, interval: 30_000, seqno, metric: 0xffff, routerId });
        say(socket, { type: 'seqno-request', prefix, seqno: seqno * 60, hops: 255, routerId });
      }
    }
    await written(socket);
    await serve();
    for (const prefix of victims) expect(middle.node.router.routesTo(prefix)?.entries.length).toBe(1);
  });

  it('holds little for those who never finish what they begin', async () => {
    const { middle, serve } = await honest();
    const slow = await Promise.all(Array.from({ length: 100 }, () => enemy(middle.port)));
    // The head of the largest packet there is, and nothing more.
    for (const socket of slow) socket.write(Uint8Array.of(1, 0, 0, 0, 0, 0xff, 0xff, 64, 1, 2, 3));
    await until(() => middle.node.peers().length === 102);
    await serve();
  });

  it('takes no more connections than it was told, and those it has keep working', async () => {
    const { middle, serve } = await honest({ maxInbound: 10 });
    await Promise.all(Array.from({ length: 100 }, () => enemy(middle.port)));
    await serve();
    expect(middle.node.peers().length).toBeLessThanOrEqual(10);
  });

  it('survives noise, requests without end and packets for nobody', async () => {
    const { middle, serve } = await honest();
    const dice = createDice(2);
    const noise = await Promise.all(Array.from({ length: 20 }, () => enemy(middle.port)));
    for (const socket of noise) socket.write(dice.bytes(5000));
    const asker = await enemy(middle.port);
    for (let i = 0; i < 3_000; i++) {
      const prefix = subnetOf(addressOf(dice.bytes(32)));
      say(asker, { type: 'route-request', generation: 0, prefix: i % 10 === 0 ? null : prefix });
      const to = addressOf(dice.bytes(32));
      asker.write(encodeDataPacket({ hopLimit: 64, source: to, destination: to, body: dice.bytes(64) }));
    }
    await written(asker);
    await serve();
    expect(middle.node.router.size().queries).toBeLessThanOrEqual(10_000);
  });

  it('is not brought down by who takes nothing in', async () => {
    const { middle, serve } = await honest();
    const deaf = await enemy(middle.port);
    deaf.pause();
    const key = systemRandom(32);
    const prefix = subnetOf(addressOf(key));
    say(deaf, {
      type: 'update',
      prefix,
      interval: 30_000,
      seqno: 0,
      metric: 0,
      routerId: createRouterId(key, systemRandom(6)),
    });
    await until(() => middle.node.router.routesTo(prefix)?.selected != null);
    const other = await enemy(middle.port);
    const flood = encodeDataPacket({
      hopLimit: 64,
      source: addressOf(key),
      destination: addressOf(key),
      body: new Uint8Array(60_000),
    });
    for (let i = 0; i < 300; i++) other.write(flood);
    await written(other);
    await serve();
    await until(() => middle.node.peers().some((peer) => peer.dropped > 0));
    for (const peer of middle.node.peers()) expect(peer.backlog).toBeLessThan(4 * 1024 * 1024);
    await serve();
  });
});
