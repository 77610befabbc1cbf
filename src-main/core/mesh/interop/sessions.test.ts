import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../identity/ipv6-text.ts';
import { hasSession, type SecureNode, startSecureNode } from '../session/testing/secure-node.ts';
import { echoRequest, until } from '../testing/test-node.ts';
import { type Daemon, startDaemon } from './daemon.ts';

/* Sessions between Hypha nodes, with a real Mycelium daemon (v0.7, MYCELIUM_BIN) between and beside them. */
const binary = process.env.MYCELIUM_BIN ?? '';
if (binary === '') console.log('skipped: sessions beside a Mycelium daemon, because MYCELIUM_BIN names none');

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
  const started = await starting;
  running.push(started);
  return started;
};
const secure = (): Promise<SecureNode> => keep(startSecureNode());
const daemon = (): Promise<Daemon> => keep(startDaemon(binary));
const dial = (from: SecureNode, port: number): boolean => from.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port });
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31) % 251);

describe.skipIf(binary === '')('sessions and a Mycelium daemon', () => {
  it('it carries them, of every size that it carries', async () => {
    const [r, a, b] = [await daemon(), await secure(), await secure()];
    dial(a, r.port);
    dial(b, r.port);
    const ping = (size: number): Uint8Array => echoRequest(a.node.self.address, b.node.self.address, size);
    let sent = 0;
    await until(() => {
      if (sent++ % 50 === 0) a.layer.sendPacket(ping(9));
      return hasSession(a, b.node) && hasSession(b, a.node);
    });
    // 1400 in all with the session's own 28: the daemon's MTU.
    a.layer.sendPacket(ping(1324));
    await until(() => b.got.some(({ payload }) => payload.length === 1372));
    const data = bytesOf(100_000);
    a.messaging.push({ destination: b.node.self.address, data });
    await until(() => b.messages.length === 1);
    expect(b.messages[0]?.data).toEqual(data);
    // A hop limit that ends there: told in the terms of the packet, not of the session.
    const short = ping(20);
    short[7] = 2;
    a.layer.sendPacket(short);
    await until(() => a.lost.length === 1);
    expect(a.lost[0]).toMatchObject({ type: 'ipv6', payload: short });
  });

  it('it takes no notice of an offer, and gets what it is sent as ever', async () => {
    const [r, a] = [await daemon(), await secure()];
    dial(a, r.port);
    const there = parseAddress(r.address) ?? new Uint8Array(16);
    await until(async () =>
      ((await r.get('/admin/routes/selected')) as { subnet: string }[]).some(({ subnet }) => subnet !== r.subnet),
    );
    for (const size of [1, 1301, 5000]) {
      const data = bytesOf(size);
      const id = a.messaging.push({ destination: there, topic: Uint8Array.of(1), data }) ?? '';
      let message: unknown = null;
      await until(async () => {
        message = await r.get('/messages?peek=false&timeout=0');
        return message !== null;
      });
      expect((message as { payload: string }).payload === base64(data), `length ${size}`).toBe(true);
      await until(() => a.messaging.status(id)?.state === 'read');
    }
    // It was offered a session, with no more effect than its silence has.
    expect(a.layer.status()).toMatchObject([{ mode: 'prefer', since: null, capable: false }]);
    expect(a.layer.counters).toEqual({
      ...{ replayed: 0, forged: 0, unknown: 0, outside: 0, limited: 0, malformed: 0, handshakes: 0 },
    });
    // And both directions still work.
    const sent = await r.post('/messages', {
      ...{ dst: { pk: Buffer.from(a.node.self.publicKey).toString('hex') }, payload: base64(bytesOf(3000)) },
    });
    expect(sent.status).toBe(201);
    await until(() => a.messages.length === 1);
    const peers = (await r.get('/admin/peers')) as unknown[];
    expect(peers).toHaveLength(1);
    expect(a.node.peers()).toHaveLength(1);
  });
});
