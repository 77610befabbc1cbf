import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { systemRandom } from '#core/crypto/random.ts';
import { NetStack } from '../netstack/stack.ts';
import { TcpServer } from '../netstack/tcp-server.ts';
import { connectSocket } from '../netstack/tcp-socket.ts';
import { realClock } from '../netstack/testing/memory-link.ts';
import { echoRequest, startTestNode, type TestNode, until } from '../testing/test-node.ts';
import { secureMtu } from './secure-layer.ts';
import { hasSession, type SecureNode, startSecureNode } from './testing/secure-node.ts';
import { sessionOverhead } from './wire.ts';

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
async function keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  running.push(started);
  return started;
}
const secure = (options: Parameters<typeof startSecureNode>[0] = {}): Promise<SecureNode> =>
  keep(startSecureNode(options));
const plain = (): Promise<TestNode> => keep(startTestNode());
type AnyNode = SecureNode | TestNode;
const link = (from: AnyNode, to: AnyNode): boolean =>
  from.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: to.port });
const ping = (from: AnyNode, to: AnyNode, size = 56): Uint8Array =>
  echoRequest(from.node.self.address, to.node.self.address, size);

/** Two that have a session, over a relay that knows none. */
async function overRelay(): Promise<{ a: SecureNode; relay: TestNode; b: SecureNode }> {
  const [a, relay, b] = [await secure(), await plain(), await secure()];
  link(a, relay);
  link(b, relay);
  let sent = 0;
  await until(() => {
    if (sent++ % 50 === 0) a.layer.sendPacket(ping(a, b));
    return hasSession(a, b.node) && hasSession(b, a.node);
  });
  await until(() => b.got.length > 0);
  return { a, relay, b };
}

describe('real nodes', () => {
  it('talk in a session over a node that knows none', async () => {
    const { a, relay, b } = await overRelay();
    const before = b.got.length;
    for (let size = 0; size < 200; size++) expect(a.layer.sendPacket(ping(a, b, size * 6))).toBeNull();
    b.layer.sendPacket(ping(b, a, 7));
    await until(() => b.got.length === before + 200 && a.got.length === 1);
    expect(b.got.slice(before).map(({ payload }) => payload.length - 48)).toEqual(
      Array.from({ length: 200 }, (_, i) => i * 6),
    );
    expect(b.got.at(-1)).toMatchObject({ hopLimit: 61, publicKey: a.node.self.publicKey });
    expect(b.got.at(-1)?.payload[7]).toBe(61);
    const data = Uint8Array.from({ length: 200_000 }, (_, i) => i % 253);
    const id = a.messaging.push({ destination: b.node.self.address, topic: utf8('files'), data }) ?? '';
    await until(() => b.messages.length === 1);
    expect(b.messages[0]?.data).toEqual(data);
    await until(() => a.messaging.status(id)?.state === 'received');
    expect(relay.got).toEqual([]);
    expect(a.layer.status()[0]?.sent).toBeGreaterThan(300);
    expect(b.layer.counters).toMatchObject({ replayed: 0, forged: 0, malformed: 0 });
  });

  it('are told what could not be carried, as they sent it', async () => {
    const { a, relay, b } = await overRelay();
    const packet = ping(a, b);
    packet[7] = 2;
    expect(a.layer.sendPacket(packet)).toBeNull();
    await until(() => a.lost.length === 1);
    expect(a.lost[0]).toMatchObject({
      ...{ type: 'ipv6', kind: { type: 3, code: 0 } },
      ...{ destination: b.node.self.address, payload: packet, router: relay.node.self.subnet.bytes },
    });
    expect(a.layer.sendPacket(ping(b, a))?.[40]).toBe(1);
  });

  it('talk as of old to one that knows no sessions, which sees nothing but what it is sent', async () => {
    const [a, other] = [await secure(), await plain()];
    link(a, other);
    for (let i = 0; i < 20; i++) {
      a.layer.sendPacket(ping(a, other, i));
      other.node.sendPacket(ping(other, a, i));
    }
    await until(() => other.got.length === 20 && a.got.length === 20);
    const data = utf8('x'.repeat(20_000));
    a.messaging.push({ destination: other.node.self.address, data });
    other.messaging.push({ destination: a.node.self.address, data });
    await until(() => other.messages.length === 1 && a.messages.length === 1);
    expect(other.got).toHaveLength(20);
    expect(other.lost).toEqual([]);
    // The offers, dropped unread.
    expect(other.node.counters.rejected).toBeGreaterThanOrEqual(1);
    expect(other.node.counters.rejected).toBeLessThanOrEqual(3);
    expect(a.layer.status()).toMatchObject([{ mode: 'prefer', since: null, capable: false }]);
  });

  it('send messages to themselves', async () => {
    const a = await secure();
    a.messaging.push({ destination: a.node.self.address, data: utf8('note') });
    await until(() => a.messages.length === 1);
  });

  it('are back in a session when one of them starts anew', async () => {
    const { a, relay, b } = await overRelay();
    const { secret } = b.node.self;
    await b.stop();
    await until(() => relay.node.peers().length === 1);
    const again = await secure({ secret });
    link(again, relay);
    let sent = 0;
    await until(() => {
      if (sent++ % 50 === 0) a.layer.sendPacket(ping(a, again));
      return hasSession(again, a.node);
    });
    await until(() => {
      if (sent++ % 50 === 0) a.layer.sendPacket(ping(a, again));
      return again.got.length > 0;
    });
  });

  it('carry TCP with the MTU that is left', async () => {
    expect(secureMtu(1400) + sessionOverhead).toBe(1400);
    const stacks: NetStack[] = [];
    const start = async (at: number): Promise<SecureNode> => {
      const one = await secure({ ipv6: (packet) => queueMicrotask(() => stacks[at]?.input([packet])) });
      stacks[at] = new NetStack({
        ...{ address: one.node.self.address, mtu: secureMtu(1400), clock: realClock, random: systemRandom },
        output(packet) {
          const answer = one.layer.sendPacket(packet);
          if (answer !== null) queueMicrotask(() => stacks[at]?.input([answer]));
        },
      });
      return one;
    };
    const [a, b] = [await start(0), await start(1)];
    link(a, b);
    const [from, to] = stacks as [NetStack, NetStack];
    const data = systemRandom(2_000_000);
    const arrived = new Promise<string>((done) => {
      const server = new TcpServer(to, { port: 80 }, (socket) => {
        const hash = createHash('sha256');
        socket.on('data', (chunk: Uint8Array) => hash.update(chunk));
        socket.on('end', () => done(hash.digest('hex')));
        socket.on('error', () => {});
      });
      running.push({ stop: async () => void server.close() });
    });
    const socket = connectSocket(from, { address: b.node.self.address, port: 80 });
    socket.on('error', () => {});
    socket.end(data);
    expect(await arrived).toBe(createHash('sha256').update(data).digest('hex'));
    expect(hasSession(a, b.node)).toBe(true);
    expect(a.layer.status()[0]?.sent).toBeGreaterThan(1000);
    for (const stack of stacks) stack.close();
  });
});
