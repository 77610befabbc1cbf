import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { Refusal } from './answer.ts';
import { fromBase64, peerJson, readPush, routeJson, toBase64 } from './daemon-json.ts';
import { createHttpApi, type HttpApiLimits } from './index.ts';
import { type ApiNode, startApiNode } from './testing/api-node.ts';

const running: ApiNode[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((one) => one.stop()));
});
const start = async (limits: Partial<HttpApiLimits> = {}): Promise<ApiNode> => {
  const made = await startApiNode(limits);
  made.allowed.push(utf8('t'));
  running.push(made);
  return made;
};

/** What comes back on a connection until it ends. */
function raw(node: ApiNode, text: string): { socket: Socket; ended: Promise<string> } {
  const socket = connect(node.apiPort, '127.0.0.1');
  sockets.push(socket);
  let got = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    got += chunk;
  });
  socket.on('error', () => {});
  socket.write(text);
  return { socket, ended: new Promise((done) => socket.on('close', () => done(got))) };
}
const statusOf = async (node: ApiNode, lines: string[]): Promise<number> =>
  Number((await raw(node, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`).ended).split(' ')[1]);
const get = (node: ApiNode, ...headers: string[]): Promise<number> =>
  statusOf(node, ['GET /api/v1/messages HTTP/1.1', ...headers]);

/** A message to itself lies there. */
const withMessage = async (): Promise<ApiNode> => {
  const node = await start();
  node.mailbox.send({ destination: node.node.self.address, topic: utf8('t'), data: utf8('secret') });
  return node;
};
const stillThere = (node: ApiNode): boolean => node.mailbox.list({}, 10).length === 1;

describe('a page in a browser', () => {
  it('gets nothing and takes nothing, whatever it pretends', async () => {
    const node = await withMessage();
    const own = `Host: 127.0.0.1:${node.apiPort}`;
    const refused: [number, ...string[]][] = [
      [421, 'Host: evil.example'],
      [421, `Host: evil.example:${node.apiPort}`],
      [421, 'Host: 127.0.0.1:1'],
      [421, 'Host: 127.0.0.1'],
      [421, `Host: 127.0.0.1:${node.apiPort}.evil.example`],
      [421, 'Host: '],
      [400],
      [421, own, 'Host: evil.example'],
      [403, own, 'Origin: http://evil.example'],
      [403, own, `Origin: http://127.0.0.1:${node.apiPort}`],
      [403, own, 'Origin: null'],
      [403, own, 'Sec-Fetch-Site: cross-site'],
      [403, own, 'Sec-Fetch-Mode: no-cors', 'Sec-Fetch-Site: same-site'],
      [403, own, 'Referer: http://evil.example/'],
    ];
    for (const [status, ...headers] of refused) expect(await get(node, ...headers), headers.join()).toBe(status);
    expect(stillThere(node)).toBe(true);
    expect(await get(node, own.replace('127.0.0.1', 'LocalHost'))).toBe(200);
  });

  it('is allowed nothing by a preflight', async () => {
    const node = await start();
    const { port } = { port: node.apiPort };
    const answer = await raw(
      node,
      `OPTIONS /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://evil.example\r\n` +
        'Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n',
    ).ended;
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer.toLowerCase()).not.toContain('access-control');
  });
});

describe('a request that is wrong', () => {
  it('takes no message out by the way', async () => {
    const node = await withMessage();
    const host = `Host: 127.0.0.1:${node.apiPort}`;
    const paths: [string, number][] = [
      ['HEAD /api/v1/messages', 405],
      ['PUT /api/v1/messages', 405],
      ['OPTIONS /api/v1/messages', 405],
      ['GET /api/v1/messages?peek=yes', 400],
      ['GET /api/v1/messages?timeout=-1', 400],
      ['GET /api/v1/messages?timeout=1&timeout=2', 400],
      ['GET /api/v1/messages?topic=!', 400],
      ['GET /api/v1/messages/', 404],
      ['GET /api/v1/messages/status/xyz', 400],
      ['GET /api/v1/messages/status/%zz', 400],
      ['GET /api/v1/messages/status', 404],
      ['GET /api/v1', 404],
      ['GET /', 404],
      ['GET /api/v2/messages', 404],
      ['GET http://evil.example/api/v1/messages', 404],
      ['GET /api/v1/../v1/messages', 404],
    ];
    for (const [line, status] of paths) expect(await statusOf(node, [`${line} HTTP/1.1`, host]), line).toBe(status);
    expect(stillThere(node)).toBe(true);
  });

  it('is told what the daemon tells', async () => {
    const node = await start({ body: 1_000 });
    const ip = addressText(node.node.self.address);
    const post = (body: string, type = 'application/json'): Promise<{ status: number }> =>
      node.ask('/messages', { method: 'POST', headers: { 'content-type': type }, body });
    const good = { dst: { ip }, topic: 'dA==', payload: '' };
    const bodies: [unknown, number][] = [
      ['', 400],
      ['{"dst":', 400],
      ['null', 422],
      ['[]', 422],
      ['"x"', 422],
      [{ ...good, payload: undefined }, 422],
      [{ ...good, payload: 'A' }, 422],
      [{ ...good, payload: 'QR==' }, 422],
      [{ ...good, payload: 7 }, 422],
      [{ ...good, topic: '*' }, 422],
      [{ ...good, topic: toBase64(new Uint8Array(256)) }, 400],
      [{ ...good, dst: null }, 422],
      [{ ...good, dst: ip }, 422],
      [{ ...good, dst: {} }, 422],
      [{ ...good, dst: { ip, pk: '00' } }, 422],
      [{ ...good, dst: { ip: 'x' } }, 422],
      [{ ...good, dst: { pk: 'zz'.repeat(32) } }, 422],
      [{ ...good, dst: { ip: '10.0.0.1' } }, 400],
      [{ ...good, dst: { ip: '2001:db8::1' } }, 400],
      [{ ...good, payload: toBase64(new Uint8Array(999)) }, 413],
      [{ ...good, extra: 1 }, 201],
    ];
    for (const [body, status] of bodies) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      expect((await post(text)).status, text.slice(0, 100)).toBe(status);
    }
    expect((await post(JSON.stringify(good), 'text/plain')).status).toBe(415);
    expect((await post(JSON.stringify(good), 'application/json; charset=utf-8')).status).toBe(201);
  });

  it('of any bytes is answered or refused, and the interface goes on', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((one) => `{"dst":${one},"payload":""}`),
        ),
        (body) => {
          try {
            readPush(body);
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
          }
        },
      ),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(fromBase64(toBase64(bytes))).toEqual(bytes)));
  });
});

describe('a client that is slow or greedy', () => {
  it('is cut off before it has said what it wants', async () => {
    const node = await start({ head: 200, request: 400 });
    const host = `Host: 127.0.0.1:${node.apiPort}`;
    const silent = raw(node, '');
    const head = raw(node, `GET /api/v1/admin HTTP/1.1\r\n${host}\r\nX-Slow: `);
    const body = raw(
      node,
      `POST /api/v1/messages HTTP/1.1\r\n${host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"dst"`,
    );
    const drip = setInterval(() => head.socket.write('x'), 50);
    const ends = await Promise.all([silent.ended, head.ended, body.ended]);
    clearInterval(drip);
    expect(ends.every((one) => one === '' || one.startsWith('HTTP/1.1 408'))).toBe(true);
    expect((await node.ask('/admin')).status).toBe(200);
  });

  it('does not make us read more than we take', async () => {
    const node = await start({ body: 1_000 });
    const host = `Host: 127.0.0.1:${node.apiPort}`;
    const type = 'Content-Type: application/json';
    const announced = raw(
      node,
      `POST /api/v1/messages HTTP/1.1\r\n${host}\r\n${type}\r\nContent-Length: 99999999\r\n\r\n{`,
    );
    expect(await announced.ended).toMatch(/^HTTP\/1\.1 413 /);
    const chunked = raw(
      node,
      `POST /api/v1/messages HTTP/1.1\r\n${host}\r\n${type}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    for (let n = 0; n < 20; n++) chunked.socket.write(`100\r\n${'x'.repeat(256)}\r\n`);
    expect(await chunked.ended).toMatch(/^HTTP\/1\.1 413 /);
    const long = raw(node, `GET /api/v1/admin HTTP/1.1\r\n${host}\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`);
    expect(await long.ended).toMatch(/^HTTP\/1\.1 431 |^$/);
  });

  it('does not shut out others for ever', async () => {
    const node = await start({ connections: 3, head: 200, request: 200 });
    const held = Array.from({ length: 3 }, () => raw(node, ''));
    await Promise.all(held.map((one) => one.ended));
    expect((await node.ask('/admin')).status).toBe(200);
  });

  it('keeps a message here by not taking it', async () => {
    const node = await start({ stall: 200 });
    const data = new Uint8Array(8 * 1024 * 1024);
    node.mailbox.send({ destination: node.node.self.address, topic: utf8('t'), data });
    const lazy = connect({ port: node.apiPort, host: '127.0.0.1' });
    sockets.push(lazy);
    lazy.on('error', () => {});
    lazy.pause();
    lazy.write(`GET /api/v1/messages HTTP/1.1\r\nHost: 127.0.0.1:${node.apiPort}\r\n\r\n`);
    // It is lent to the lazy one, and after that one's time is over it comes to who waits.
    const got = (await node.ask('/messages?timeout=60&topic=dA==')) as { status: number; body: { payload: string } };
    expect(got.status).toBe(200);
    expect(got.body.payload.length).toBe(Math.ceil(data.length / 3) * 4);
  });
});

describe('shapes for the daemon’s clients', () => {
  const peer = {
    ...{ scheme: 'tcp' as const, port: 9651, kind: 'static' as const, state: 'dead' as const },
    ...{ txBytes: 0, rxBytes: 0, knownFor: 0, lastConnected: null },
  };

  it('name peers as those can read them, and leave out others', () => {
    const socket = (host: string): unknown =>
      (peerJson({ ...peer, host }) as { endpoint: { addr: { socket: string } } } | null)?.endpoint.addr.socket;
    expect(socket('1.2.3.4')).toBe('1.2.3.4:9651');
    expect(socket('2001:db8::1')).toBe('[2001:db8::1]:9651');
    expect(socket('fe80::1%eth0')).toBe('[fe80::1]:9651');
    expect(socket('fe80::1%2')).toBe('[fe80::1%2]:9651');
    expect(socket('peer.example')).toBeUndefined();
  });

  it('tell of routes', () => {
    const route = { subnet: '4ab::/64', remote: 'b:2', seqno: 3 };
    expect(routeJson({ ...route, scheme: 'tls', local: 'a:1', metric: null })).toEqual({
      subnet: '4ab::/64',
      nextHop: 'TLS a:1 <-> b:2',
      metric: 'infinite',
      seqno: 3,
    });
    expect(routeJson({ ...route, scheme: 'quic', local: null, metric: 9 })).toMatchObject({
      nextHop: 'QUIC -> b:2',
      metric: 9,
    });
  });

  it('are served on a free port alone', async () => {
    const node = await start();
    const { mailbox } = node;
    const other = createHttpApi({
      ...{ mailbox, topics: () => [], publicKey: node.node.self.publicKey, log: silentLog },
      node: {} as never,
    });
    const error = await other.start(node.apiPort).catch((one: unknown) => one);
    expect(isFail(error, 'PORT_IN_USE')).toBe(true);
    await other.stop();
  });
});
