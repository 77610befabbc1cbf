import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { addressText, parseAddress, parsePrefix, prefixText } from '../identity/ipv6-text.ts';
import type { Message } from '../messages/message-stack.ts';
import { echoRequest, startTestNode, type TestNode, until } from '../testing/test-node.ts';
import { type Daemon, startDaemon } from './daemon.ts';

/*
 * Against a real Mycelium daemon (v0.7), whose binary MYCELIUM_BIN names:
 * `MYCELIUM_BIN=... npx vitest run src-main/core/mesh/interop`. Without it these tests are skipped.
 */
const binary = process.env.MYCELIUM_BIN ?? '';
if (binary === '') console.log('skipped: interop with a Mycelium daemon, because MYCELIUM_BIN names none');

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
  const started = await starting;
  running.push(started);
  return started;
};
const node = (): Promise<TestNode> => keep(startTestNode());
const daemon = (peers: readonly number[] = []): Promise<Daemon> => keep(startDaemon(binary, peers));
const dial = (from: TestNode, port: number): boolean => from.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port });
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

interface Route {
  subnet: string;
  metric: number | string;
}
const selected = async (from: Daemon): Promise<Route[]> => (await from.get('/admin/routes/selected')) as Route[];
const knows = async (from: Daemon, whom: TestNode): Promise<Route | undefined> =>
  (await selected(from)).find((route) => route.subnet === prefixText(whom.node.self.subnet));

/** The next message at the daemon, as its API tells it. */
async function popAt(at: Daemon): Promise<{ id: string; srcPk: string; topic?: string; payload: string }> {
  let message: unknown = null;
  await until(async () => {
    message = await at.get('/messages?peek=false&timeout=0');
    return message !== null;
  });
  return message as { id: string; srcPk: string; topic?: string; payload: string };
}

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
const sizes = [1, 249, 250, 1300, 1301, 1549, 1550, 5000, 300_000];

describe.skipIf(binary === '')('with a Mycelium daemon', () => {
  it('we know each other: address rule, routes, link cost', async () => {
    const [r, a] = [await daemon(), await node()];
    dial(a, r.port);
    await until(async () => (await knows(r, a)) !== undefined);
    expect((await knows(r, a))?.metric).toBe(0);
    const subnet = parsePrefix(r.subnet);
    if (subnet === null) throw new Error(r.subnet);
    const route = a.node.router.routesTo(subnet);
    expect(route?.selected?.metric).toBe(0);
    // What the daemon says of itself, and what its Update said.
    expect(route?.selected?.routerId.key.slice(0, 64)).toBe(r.publicKey);
    await until(() => a.node.peers()[0]?.rtt != null);
  });

  it('it carries our packets, and reports those whose hop limit ends there', async () => {
    const [r, a, b] = [await daemon(), await node(), await node()];
    dial(a, r.port);
    dial(b, r.port);
    const [from, to] = [a.node.self.address, b.node.self.address];
    a.node.send('ipv6', to, echoRequest(from, to));
    await until(() => b.got.length === 1);
    expect(b.got[0]?.hopLimit).toBe(61);
    a.node.send('ipv6', to, echoRequest(from, to), { hopLimit: 2 });
    await until(() => a.lost.length === 1);
    expect(a.lost[0]?.kind).toEqual({ type: 3, code: 0 });
    expect(a.lost[0]?.payload).toEqual(echoRequest(from, to));
    expect(
      prefixText(parsePrefix(`${addressText(a.lost[0]?.router ?? new Uint8Array(16))}/64`) ?? b.node.self.subnet),
    ).toBe(r.subnet);
  });

  it('messages of every length reach it and come from it', async () => {
    const [r, a] = [await daemon(), await node()];
    dial(a, r.port);
    const there = parseAddress(r.address) ?? new Uint8Array(16);
    await until(async () => (await knows(r, a)) !== undefined);
    for (const size of sizes) {
      const data = bytesOf(size);
      const id = a.messaging.push({ destination: there, topic: Uint8Array.of(1, 2), data }) ?? '';
      const message = await popAt(r);
      expect(message).toMatchObject({ id, srcPk: toHex(a.node.self.publicKey), topic: base64(Uint8Array.of(1, 2)) });
      expect(message.payload === base64(data), `length ${size}`).toBe(true);
      // The API handed it out, which the daemon tells us.
      await until(() => a.messaging.status(id)?.state === 'read');
    }
    // Its own splitting never delivers some lengths to itself; ours takes a short last chunk.
    for (const size of sizes) {
      const data = bytesOf(size);
      const before = a.messages.length;
      const dst = { ip: addressText(a.node.self.address) };
      const sent = await r.post('/messages', { dst, topic: base64(Uint8Array.of(7)), payload: base64(data) });
      expect(sent.status).toBe(201);
      await until(() => a.messages.length === before + 1);
      const message = a.messages.at(-1) as Message;
      expect(message.data).toEqual(data);
      expect(toHex(message.publicKey)).toBe(r.publicKey);
      a.messaging.read(message);
      const { id } = sent.body as { id: string };
      await until(async () => ((await r.get(`/messages/status/${id}`)) as { state: unknown }).state === 'read');
    }
  });

  it('we answer its questions, and it ours', async () => {
    const [r, a] = [await daemon(), await node()];
    dial(a, r.port);
    await until(async () => (await knows(r, a)) !== undefined);
    const question = { dst: { ip: addressText(a.node.self.address) }, payload: base64(bytesOf(20)) };
    const asked = r.post('/messages?reply_timeout=30', question);
    await until(() => a.messages.length === 1);
    const message = a.messages[0] as Message;
    a.messaging.push({ destination: message.source, data: bytesOf(3000), replyTo: message.id });
    const answer = await asked;
    expect(answer.status).toBe(200);
    expect((answer.body as { payload: string }).payload).toBe(base64(bytesOf(3000)));

    const there = parseAddress(r.address) ?? new Uint8Array(16);
    const id = a.messaging.push({ destination: there, data: bytesOf(9) }) ?? '';
    await popAt(r);
    const dst = { ip: addressText(a.node.self.address) };
    await r.post(`/messages/reply/${id}`, { dst, payload: base64(bytesOf(10)) });
    await until(() => a.messages.length === 2);
    expect(a.messages[1]).toMatchObject({ id, reply: true, data: bytesOf(10) });
  });

  it('two daemons reach each other through us', async () => {
    const a = await node();
    const [r, s] = [await daemon([a.port]), await daemon([a.port])];
    const data = bytesOf(100_000 - (100_000 % 1300) + 1299);
    await until(async () => (await selected(r)).some((route) => route.subnet === s.subnet));
    expect((await r.post('/messages', { dst: { pk: s.publicKey }, payload: base64(data) })).status).toBe(201);
    const message = await popAt(s);
    expect(message.srcPk).toBe(r.publicKey);
    expect(message.payload === base64(data)).toBe(true);
    expect(a.node.counters.forwarded).toBeGreaterThan(70);
  });

  it('a chain of both kinds finds its way, and loses it when a link goes', async () => {
    // a - r - b - s - c
    const [a, b, c] = [await node(), await node(), await node()];
    const [r, s] = [await daemon([b.port]), await daemon([b.port])];
    dial(a, r.port);
    dial(c, s.port);
    const [from, to] = [a.node.self.address, c.node.self.address];
    a.node.send('ipv6', to, echoRequest(from, to));
    await until(() => c.got.length === 1);
    expect(c.got[0]?.hopLimit).toBe(59);
    c.node.send('ipv6', from, echoRequest(to, from));
    await until(() => a.got.length === 1);
    await s.stop();
    await until(() => a.node.router.routesTo(c.node.self.subnet)?.selected == null);
    // Another way: the packet waits until it is there.
    a.node.send('ipv6', to, echoRequest(from, to));
    dial(c, b.port);
    await until(() => c.got.length === 2);
    expect(c.got[1]?.hopLimit).toBe(60);
  });
});
