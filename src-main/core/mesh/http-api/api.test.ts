import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/ids.ts';
import { addressText, prefixText } from '../identity/ipv6-text.ts';
import { until } from '../testing/test-node.ts';
import { toBase64 } from './daemon-json.ts';
import { type ApiNode, startApiNode } from './testing/api-node.ts';

const running: ApiNode[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
const start = async (...topics: string[]): Promise<ApiNode> => {
  const made = await startApiNode();
  made.allowed.push(...topics.map(utf8));
  running.push(made);
  return made;
};
const pair = async (...topics: string[]): Promise<[ApiNode, ApiNode]> => {
  const [a, b] = [await start(...topics), await start(...topics)];
  a.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: b.port });
  return [a, b];
};
const base64 = (text: string): string => toBase64(utf8(text));
const to = (node: ApiNode): { ip: string } => ({ ip: addressText(node.node.self.address) });
const push = (from: ApiNode, node: ApiNode, topic: string, payload: string, query = '') =>
  from.post(`/messages${query}`, { dst: to(node), topic: base64(topic), payload: base64(payload) });
const json = 'application/json';

describe('messages over HTTP', () => {
  it('go, are looked at, taken once, and their state told', async () => {
    const [a, b] = await pair('t');
    const sent = await push(a, b, 't', 'hello');
    expect(sent).toMatchObject({ status: 201, type: json, body: { id: expect.stringMatching(/^[0-9a-f]{16}$/) } });
    const { id } = sent.body as { id: string };
    const message = {
      id,
      srcIp: addressText(a.node.self.address),
      srcPk: toHex(a.node.self.publicKey),
      dstIp: addressText(b.node.self.address),
      dstPk: toHex(b.node.self.publicKey),
      topic: base64('t'),
      payload: base64('hello'),
    };
    expect(await b.ask('/messages?timeout=60&peek=true')).toEqual({ status: 200, type: json, body: message });
    expect((await b.ask(`/messages?peek=true&topic=${encodeURIComponent(base64('t'))}`)).body).toEqual(message);
    expect(await b.ask('/messages')).toEqual({ status: 200, type: json, body: message });
    expect(await b.ask('/messages')).toEqual({ status: 204, type: null, body: '' });
    await until(async () => ((await a.ask(`/messages/status/${id}`)).body as { state: unknown }).state === 'read');
    const status = (await a.ask(`/messages/status/${id.toUpperCase()}`)).body as Record<string, number>;
    expect(status).toEqual({
      dst: message.dstIp,
      state: 'read',
      created: expect.any(Number),
      deadline: (status.created ?? 0) + 300,
      msgLen: 5,
    });
    expect((await a.ask('/messages/status/0000000000000000')).status).toBe(404);
  });

  it('wait for an answer, and say when none came', async () => {
    const [a, b] = await pair('q');
    const asked = push(a, b, 'q', '?', '?reply_timeout=60');
    const question = (await b.ask('/messages?timeout=60')).body as { id: string };
    expect((await b.post(`/messages/reply/${question.id}`, { dst: to(a), payload: base64('!') })).status).toBe(204);
    const answer = await asked;
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: question.id,
      srcIp: addressText(b.node.self.address),
      srcPk: toHex(b.node.self.publicKey),
      dstIp: addressText(a.node.self.address),
      dstPk: toHex(a.node.self.publicKey),
      payload: base64('!'),
    });
    expect(await push(a, b, 'q', '?', '?reply_timeout=0')).toMatchObject({
      status: 408,
      body: { id: expect.any(String) },
    });
    // An answer without a question, or to somebody else, is none.
    expect((await b.post(`/messages/reply/${question.id}`, { dst: to(b), payload: '' })).status).toBe(403);
    expect((await b.post('/messages/reply/00000000000000ff', { dst: to(a), payload: '' })).status).toBe(403);
  });

  it('wait as long as they were told', async () => {
    const [a, b] = await pair('t', 'u');
    const waiting = b.ask('/messages?timeout=31536000&topic=dA==');
    await push(a, b, 'u', 'not this');
    await push(a, b, 't', 'this');
    expect((await waiting).body).toMatchObject({ payload: base64('this') });
    expect((await b.ask('/messages?timeout=0&topic=dA==')).status).toBe(204);
    expect((await b.ask('/messages?timeout=60')).body).toMatchObject({ payload: base64('not this') });
  });

  it('are kept when the client left before it had them', async () => {
    const [a, b] = await pair('t');
    // One that waits, and goes.
    const waiting = httpRequest({ port: b.apiPort, path: '/api/v1/messages?timeout=60', agent: false });
    waiting.on('error', () => {});
    const gone = new Promise((done) => waiting.on('close', done));
    waiting.end();
    await new Promise<void>((done) => waiting.on('socket', (socket) => socket.on('connect', () => done())));
    waiting.destroy();
    await gone;
    await push(a, b, 't', 'kept');
    expect((await b.ask('/messages?timeout=60')).body).toMatchObject({ payload: base64('kept') });
  });

  it('go to a key, in either case, and topics may be left out where that is allowed', async () => {
    const [a, b] = await pair('');
    const pk = toHex(b.node.self.publicKey).toUpperCase();
    expect((await a.post('/messages', { dst: { pk }, payload: base64('x') })).status).toBe(201);
    expect((await b.ask('/messages?timeout=60')).body).not.toHaveProperty('topic');
  });
});

describe('topics that are not allowed', () => {
  it('cannot be sent, taken, answered or asked about', async () => {
    const [a, b] = await pair('t');
    b.allowed.length = 0;
    expect((await push(b, a, 't', 'x')).status).toBe(403);
    const id = a.mailbox.send({ destination: b.node.self.address, topic: utf8('t'), data: utf8('x') });
    await until(() => b.mailbox.list({}, 10).length === 1);
    expect((await b.ask('/messages?timeout=0')).status).toBe(204);
    expect((await b.ask('/messages?topic=dA==')).status).toBe(403);
    expect((await b.post(`/messages/reply/${id}`, { dst: to(a), payload: '' })).status).toBe(403);
    a.allowed.length = 0;
    expect((await a.ask(`/messages/status/${id}`)).status).toBe(404);
    b.allowed.push(utf8('t'));
    expect((await b.ask('/messages')).status).toBe(200);
  });

  it('and their rules are not set here', async () => {
    const a = await start('t');
    for (const path of ['/messages/topics', '/messages/topics/default', '/messages/topics/dA%3D%3D/sources']) {
      for (const method of ['GET', 'PUT', 'POST', 'DELETE']) expect((await a.ask(path, { method })).status).toBe(403);
    }
  });
});

describe('what is told of the node', () => {
  it('has the shapes of the daemon', async () => {
    const [a, b] = await pair();
    await until(async () => ((await a.ask('/admin/routes/selected')).body as unknown[]).length === 1);
    expect(await a.ask('/admin')).toEqual({
      status: 200,
      type: json,
      body: {
        nodeSubnet: prefixText(a.node.self.subnet),
        nodeIp: addressText(a.node.self.address),
        nodePubkey: toHex(a.node.self.publicKey),
        nodeStartTime: 1_700_000_000,
      },
    });
    expect((await a.ask('/admin/peers')).body).toEqual([
      {
        endpoint: { proto: 'tcp', addr: { socket: `127.0.0.1:${b.port}` } },
        type: 'static',
        connectionState: 'alive',
        txBytes: expect.any(Number),
        rxBytes: expect.any(Number),
        discovered: 61,
        lastConnected: 60,
      },
    ]);
    expect((await a.ask('/admin/routes/selected')).body).toEqual([
      {
        subnet: prefixText(b.node.self.subnet),
        nextHop: `TCP unknown <-> 127.0.0.1:${b.port}`,
        metric: 0,
        seqno: expect.any(Number),
      },
    ]);
    expect((await a.ask('/admin/routes/fallback')).body).toEqual([]);
    expect((await a.ask('/admin/routes/queried')).body).toEqual([]);
    expect((await a.ask(`/pubkey/${to(b).ip}`)).body).toEqual({ publicKey: toHex(b.node.self.publicKey) });
    expect((await a.ask('/pubkey/4ab::1')).status).toBe(404);
    expect((await a.ask('/pubkey/x')).status).toBe(400);
  });

  it('is all that /admin does', async () => {
    const a = await start();
    const refused: [string, string, number][] = [
      ['POST', '/admin/peers', 403],
      ['DELETE', '/admin/peers/tcp%3A%2F%2F127.0.0.1%3A1', 403],
      ['GET', '/admin/proxy', 403],
      ['POST', '/admin/proxy', 403],
      ['GET', '/admin/proxy/probe', 403],
      ['GET', '/admin/stats/packets', 403],
      ['PUT', '/admin', 405],
      ['DELETE', '/admin/routes/selected', 405],
      ['GET', '/admin/routes', 404],
      ['GET', '/admin/__proto__', 404],
      ['GET', '/admin/constructor', 404],
      ['POST', '/pubkey/4ab::1', 405],
    ];
    for (const [method, path, status] of refused) {
      expect((await a.ask(path, { method })).status, `${method} ${path}`).toBe(status);
    }
    expect(a.node.dialling()).toEqual([]);
  });
});

describe('the interface', () => {
  it('says when its port is taken, and ends while somebody waits', async () => {
    const a = await start('t');
    const waiting = a.ask('/messages?timeout=60').catch(() => 'ended');
    await a.ask('/admin');
    await running.splice(0)[0]?.stop();
    expect(await waiting).toBe('ended');
  });
});
