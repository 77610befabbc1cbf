import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { x25519PublicKey } from '#core/crypto/agree.ts';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/ids.ts';
import { systemRandom } from '#core/crypto/random.ts';
import { type ApiNode, startApiNode } from '../http-api/testing/api-node.ts';
import { addressOf } from '../identity/address.ts';
import { addressText, prefixText } from '../identity/ipv6-text.ts';
import { until } from '../testing/test-node.ts';
import { subnetOf } from '../wire/prefix.ts';
import { type Daemon, startDaemon } from './daemon.ts';

/*
 * Our HTTP interface against the command line of a real Mycelium daemon (v0.7), whose binary MYCELIUM_BIN names, and our
 * mailbox against its message stack. Without it these tests are skipped.
 */
const binary = process.env.MYCELIUM_BIN ?? '';
if (binary === '') console.log('skipped: the HTTP API with a Mycelium command line, because MYCELIUM_BIN names none');

let home = '';
const running: { stop(): Promise<void> }[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-interop-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await rm(home, { recursive: true, force: true });
});
const keep = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
  const started = await starting;
  running.push(started);
  return started;
};

/** What the daemon's command line prints when it talks to our interface. */
function cli(node: ApiNode, ...words: string[]): Promise<{ code: number; out: string }> {
  return new Promise((done) => {
    const args = ['--silent', '--api-addr', `127.0.0.1:${node.apiPort}`, ...words];
    execFile(binary, args, { env: { HOME: home, PATH: '' }, cwd: home }, (error, out) => {
      done({ code: error === null ? 0 : 1, out });
    });
  });
}
const parsed = async (node: ApiNode, ...words: string[]): Promise<unknown> => {
  const { code, out } = await cli(node, ...words);
  expect(code, `${words.join(' ')}: ${out}`).toBe(0);
  return JSON.parse(out);
};
const pair = async (...topics: string[]): Promise<[ApiNode, ApiNode]> => {
  const [a, b] = [await keep(startApiNode()), await keep(startApiNode())];
  for (const node of [a, b]) node.allowed.push(...topics.map(utf8));
  a.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: b.port });
  await until(() => a.node.router.routesTo(b.node.self.subnet)?.selected != null);
  await until(() => b.node.router.routesTo(a.node.self.subnet)?.selected != null);
  return [a, b];
};

describe.skipIf(binary === '')('the command line of a Mycelium daemon', () => {
  it('sends and receives messages through us', async () => {
    const [a, b] = await pair('chat', '~~~???>>>');
    for (const topic of ['chat', '~~~???>>>']) {
      const to = addressText(b.node.self.address);
      const { id } = (await parsed(a, 'message', 'send', '--topic', topic, to, 'hello there')) as { id: string };
      const got = await parsed(b, 'message', 'receive', '--topic', topic, '--timeout', '60');
      expect(got).toEqual({
        id,
        srcIp: addressText(a.node.self.address),
        srcPk: toHex(a.node.self.publicKey),
        dstIp: to,
        dstPk: toHex(b.node.self.publicKey),
        topic,
        payload: 'hello there',
      });
    }
    // Nothing there, and no topic that it may use.
    expect(await cli(b, 'message', 'receive', '--topic', 'chat', '--timeout', '0')).toEqual({ code: 0, out: '' });
    expect((await cli(a, 'message', 'send', '--topic', 'other', addressText(b.node.self.address), 'x')).code).toBe(1);
    expect(b.mailbox.list({}, 10)).toEqual([]);
  });

  it('waits for answers and gives them', async () => {
    const [a, b] = await pair('q');
    const key = toHex(b.node.self.publicKey);
    const asked = parsed(a, 'message', 'send', '--topic', 'q', '--wait', '--timeout', '60', key, 'how many?');
    // Without a timeout it asks for a year.
    const question = (await parsed(b, 'message', 'receive')) as { id: string; srcPk: string; payload: string };
    expect(question.payload).toBe('how many?');
    const answered = await cli(b, 'message', 'send', '--reply-to', question.id, question.srcPk, 'seven');
    expect(answered).toEqual({ code: 0, out: '' });
    expect(await asked).toMatchObject({ id: question.id, srcPk: key, payload: 'seven' });
  });

  it('lists our peers and routes, and changes none', async () => {
    const [a, b] = await pair();
    const peers = (await parsed(a, 'peers', 'list', '--json')) as unknown[];
    expect(peers).toMatchObject([
      { endpoint: { proto: 'tcp', addr: { socket: `127.0.0.1:${b.port}` } }, type: 'static', connectionState: 'alive' },
    ]);
    expect((await cli(a, 'peers', 'list')).out).toContain(`127.0.0.1:${b.port}`);
    const table = await cli(a, 'routes', 'selected');
    expect(table.out).toContain(prefixText(b.node.self.subnet));
    for (const which of ['selected', 'fallback', 'queried']) expect((await cli(a, 'routes', which)).code).toBe(0);
    expect((await cli(a, 'peers', 'add', 'tcp://127.0.0.1:1')).code).toBe(1);
    expect((await cli(a, 'peers', 'remove', `tcp://127.0.0.1:${b.port}`)).code).toBe(1);
    expect(a.node.dialling().length).toBe(1);
  });
});

describe.skipIf(binary === '')('a mailbox and a Mycelium daemon', () => {
  const popAt = async (daemon: Daemon): Promise<{ id: string; payload: string }> => {
    let message: unknown = null;
    await until(async () => {
      message = await daemon.get('/messages?peek=false&timeout=0');
      return message !== null;
    });
    return message as { id: string; payload: string };
  };
  const state = (node: ApiNode, id: string): string | undefined => node.mailbox.status(id)?.state;

  it('exchange messages and answers, at lengths that the daemon cannot send to itself', async () => {
    const [node, daemon] = [await keep(startApiNode()), await keep(startDaemon(binary))];
    node.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: daemon.port });
    const key = Uint8Array.from(Buffer.from(daemon.publicKey, 'hex'));
    for (const size of [0, 1, 1301, 1549, 100_000]) {
      const id = node.mailbox.send({ destination: key, topic: utf8('t'), data: new Uint8Array(size).fill(7) });
      const message = await popAt(daemon);
      expect([message.id, Buffer.from(message.payload, 'base64').length]).toEqual([id, size]);
      await until(() => state(node, id) === 'read');
    }
    const dst = { ip: addressText(node.node.self.address) };
    const asked = daemon.post('/messages?reply_timeout=60', { dst, payload: 'cQ==' });
    const question = await node.mailbox.pop({}, { timeout: 60_000 });
    node.mailbox.send({ destination: question?.key ?? key, replyTo: question?.id ?? '', data: utf8('!') });
    expect(await asked).toMatchObject({ status: 200, body: { payload: Buffer.from('!').toString('base64') } });
  });

  it('that was away and comes back: what was sent meanwhile arrives when there is a route again', async () => {
    const node = await keep(startApiNode());
    const secret = systemRandom(32);
    const key = x25519PublicKey(secret);
    const id = node.mailbox.send({ destination: key, topic: utf8('t'), data: utf8('meanwhile') });
    expect(state(node, id)).toBe('waiting');
    const daemon = await keep(startDaemon(binary, [node.port], secret));
    expect(daemon.publicKey).toBe(toHex(key));
    const address = addressOf(key);
    await until(() => node.node.router.routesTo(subnetOf(address))?.selected != null);
    node.mailbox.reachable(address);
    expect((await popAt(daemon)).id).toBe(id);
    await until(() => state(node, id) === 'read');
  });
});
