import { createServer, connect as dial } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { echoRequest, startTestNode, type TestNode, until } from '../testing/test-node.ts';

const running: TestNode[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function keep(options: Parameters<typeof startTestNode>[0] = {}): Promise<TestNode> {
  const made = await startTestNode(options);
  running.push(made);
  return made;
}

const link = (a: TestNode, b: TestNode): boolean => a.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: b.port });
const ping = (from: TestNode, to: TestNode, size = 56): Uint8Array =>
  echoRequest(from.node.self.address, to.node.self.address, size);

describe.each([true, false])('nodes over TCP (shared reads: %s)', (sharedReads) => {
  const start = (options: { maxInbound?: number } = {}): Promise<TestNode> => keep({ ...options, sharedReads });

  it('exchange sealed packets as soon as they are linked', async () => {
    const [a, b] = [await start(), await start()];
    expect(link(a, b)).toBe(true);
    expect(link(a, b)).toBe(false);
    // Before there is a link or a route: the packet waits.
    expect(a.node.send('ipv6', b.node.self.address, ping(a, b))).toBe(true);
    await until(() => b.got.length === 1);
    const [got] = b.got;
    expect(addressText(got?.source ?? new Uint8Array(16))).toBe(addressText(a.node.self.address));
    // 64, less one at the sender and one at the receiver, also in the packet itself.
    expect(got?.hopLimit).toBe(62);
    expect(got?.payload[7]).toBe(62);
    expect(got?.publicKey).toEqual(a.node.self.publicKey);
    b.node.send('ipv6', a.node.self.address, ping(b, a, 3));
    await until(() => a.got.length === 1);
    expect(a.got[0]?.payload.length).toBe(51);
  });

  it('exchange messages over a node between them', async () => {
    const [a, b, c] = [await start(), await start(), await start()];
    link(a, b);
    link(c, b);
    const data = Uint8Array.from({ length: 400_000 }, (_, i) => i % 253);
    const id = a.messaging.push({ destination: c.node.self.address, topic: utf8('files'), data }) ?? '';
    await until(() => c.messages.length === 1);
    const [message] = c.messages;
    if (message === undefined) throw new Error('no message');
    expect(message.data).toEqual(data);
    c.messaging.read(message);
    await until(() => a.messaging.status(id)?.state === 'read');
    c.messaging.push({ destination: message.source, data: utf8('thanks'), replyTo: id });
    await until(() => a.messages.length === 1);
    expect(a.messages[0]).toMatchObject({ id, reply: true, publicKey: c.node.self.publicKey });
  });

  it('send messages to themselves', async () => {
    const a = await start();
    a.messaging.push({ destination: a.node.self.address, data: utf8('note') });
    await until(() => a.messages.length === 1);
    expect(a.messages[0]?.publicKey).toEqual(a.node.self.publicKey);
  });

  it('carry packets of others, of every size, in order', async () => {
    const [a, b, c] = [await start(), await start(), await start()];
    link(a, b);
    link(c, b);
    const sizes = Array.from({ length: 300 }, (_, i) => (i * 211) % 1300);
    a.node.send('ipv6', c.node.self.address, ping(a, c, 0));
    await until(() => c.got.length === 1);
    for (const size of sizes) expect(a.node.sendPacket(ping(a, c, size))).toBeNull();
    expect(a.node.sendPacket(ping(b, c))?.[40]).toBe(1);
    await until(() => c.got.length === 301);
    expect(c.got.slice(1).map((one) => one.payload.length - 48)).toEqual(sizes);
    expect(c.got.at(-1)?.hopLimit).toBe(61);
    expect(b.node.counters.forwarded).toBeGreaterThanOrEqual(301);
    expect(b.got).toEqual([]);
  });

  it('are told by a router that a hop limit ended, with the packet they sent', async () => {
    const [a, b, c] = [await start(), await start(), await start()];
    link(a, b);
    link(c, b);
    a.node.send('ipv6', c.node.self.address, ping(a, c));
    await until(() => c.got.length === 1);
    a.node.send('ipv6', c.node.self.address, ping(a, c), { hopLimit: 2 });
    await until(() => a.lost.length === 1);
    const [lost] = a.lost;
    expect(lost?.kind).toEqual({ type: 3, code: 0 });
    expect(lost?.payload).toEqual(ping(a, c));
    expect(lost?.destination).toEqual(c.node.self.address);
    expect(lost?.router).toEqual(b.node.self.subnet.bytes);
  });

  it('measure a link at once', async () => {
    const [a, b] = [await start(), await start()];
    link(a, b);
    await until(() => a.node.peers()[0]?.rtt != null && b.node.peers()[0]?.rtt != null);
    expect(a.node.peers()[0]?.cost).toBeLessThan(1000);
    expect(b.node.peers()[0]?.direction).toBe('inbound');
  });

  it('hang up on whoever speaks something else, and live on', async () => {
    const a = await start();
    const socket = dial(a.port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((done) => socket.once('close', done));
    socket.resume();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    const b = await start();
    link(b, a);
    b.node.send('ipv6', a.node.self.address, ping(b, a));
    await until(() => a.got.length === 1);
  });

  it('dial again when the other side comes back', async () => {
    const [a, b] = [await start(), await start()];
    const { port } = b;
    link(a, b);
    await until(() => a.node.dialling()[0]?.state === 'connected');
    await b.stop();
    await until(() => a.node.peers().length === 0);
    expect(a.node.dialling()[0]?.state).toBe('waiting');
    const server = createServer();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    await new Promise<void>((done) => {
      server.once('connection', (socket) => {
        socket.destroy();
        done();
      });
    });
    await new Promise((done) => server.close(done));
  });

  it('give up links from an address that the computer has no more, and dial again', async () => {
    const [a, b] = [await start(), await start()];
    link(a, b);
    await until(() => a.node.peers().length === 1 && b.node.peers().length === 1);
    const [before] = a.node.peers();
    a.node.networkChanged(new Set(['10.1.2.3']));
    expect(a.node.peers()[0]?.peer).toBe(before?.peer);
    a.node.networkChanged(new Set(['10.1.2.3', '127.0.0.1']));
    await until(() => a.node.peers().length === 1 && a.node.peers()[0]?.peer !== before?.peer);
  });

  it('accept no more links than they were told', async () => {
    const a = await start({ maxInbound: 1 });
    const [b, c] = [await start(), await start()];
    link(b, a);
    await until(() => a.node.peers().length === 1);
    link(c, a);
    await until(() => c.node.dialling()[0]?.state === 'waiting');
    expect(a.node.peers().length).toBe(1);
  });
});
