import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFail } from '#shared/rpc/fail.ts';
import { startTestMesh, type TestMesh } from '../testing/test-mesh.ts';
import { until } from '../testing/test-node.ts';

let me: TestMesh;
let ann: TestMesh;
let hers = '';
/** Answers that were begun and wait to be ended. */
const stuck: ServerResponse[] = [];
const servers: Server[] = [];
const local = async (server: Server): Promise<number> => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  servers.push(server);
  return (server.address() as { port: number }).port;
};

const page: RequestListener = (request, response) => {
  const { url = '', headers, method } = request;
  if (url === '/picture') {
    response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([0x89, 0x50, 0, 255]));
  } else if (url === '/endless') {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const more = (): void => {
      while (response.write('x'.repeat(10_000))) if (response.destroyed) return;
      response.once('drain', more);
    };
    more();
  } else if (url === '/cut') {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 1000 });
    response.write('the beginning', () => response.destroy());
  } else if (url === '/moved') {
    response.writeHead(302, { location: 'http://example.org/' }).end();
  } else if (url === '/umlauts') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ü'.repeat(1000));
  } else if (url === '/utf-16') {
    response.writeHead(200, { 'content-type': 'text/plain; charset="UTF-16LE"' }).end(Buffer.from('hi', 'utf16le'));
  } else if (url === '/boast') {
    response.writeHead(200, { 'x-long': 'x'.repeat(60_000) }).end();
  } else if (url === '/other') {
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
  } else if (url === '/chatty') {
    request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody');
  } else if (url === '/stuck') {
    response.writeHead(200, { 'content-type': 'text/plain' }).write('wait');
    stuck.push(response);
  } else if (url === '/latin') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(Buffer.from([0xe4, 0xf6]));
  } else {
    const status = url.startsWith('/page') ? 200 : 404;
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'x-asked': `${method} ${url}` });
    response.end(`Grüße an ${headers.host}, cookies ${headers.cookie ?? 'none'}`);
  }
};

beforeAll(async () => {
  [me, ann] = await Promise.all([startTestMesh(), startTestMesh()]);
  const join = (agent: TestMesh) =>
    agent.mesh.handlers['mesh.join']({ publicPeers: false, discovery: false, port: 0 }, agent.context);
  const [mine, annas] = [await join(me), await join(ann)];
  hers = annas.address ?? '';
  me.know('ann', annas.publicKey);
  ann.know('me', mine.publicKey);
  await me.mesh.handlers['mesh.addPeer']({ endpoint: `tcp://127.0.0.1:${annas.listening}` }, me.context);
  await until(async () => (await me.mesh.handlers['mesh.status']({}, me.context)).peers.connected === 1);
  const web = await local(createServer(page));
  const garbage = await local(createTcpServer((socket) => socket.on('error', () => {}).end('SSH-2.0-nothing\r\n')));
  for (const [port, localPort] of [
    [80, web],
    [8080, web],
    [22, garbage],
  ] as const) {
    await ann.mesh.handlers['mesh.expose']({ localPort, port, allow: ['me'] }, ann.context);
  }
});
afterAll(async () => {
  await Promise.all([me.stop(), ann.stop()]);
  for (const server of servers) server.close();
});

const get = (url: string, more: { head?: boolean; maxBytes?: number } = {}) =>
  Promise.resolve(me.mesh.handlers['mesh.fetch']({ url, head: false, maxBytes: 1_000_000, ...more }, me.context));

describe('a page of somebody on the mesh', () => {
  it('is read by name and by address, at any port', async () => {
    const answer = await get('http://ann.hypha/page?a=1 2');
    expect(answer).toMatchObject({ status: 200, statusText: 'OK', body: null, more: false });
    expect(answer.text).toBe('Grüße an ann.hypha, cookies none');
    expect(answer.headers).toContainEqual({ name: 'x-asked', value: 'GET /page?a=1%202' });
    expect((await get(`http://[${hers}]:8080/page`)).text).toBe(`Grüße an [${hers}]:8080, cookies none`);
    expect((await get('ann:8080/page')).text).toContain('ann:8080');
    const asking = await get('ann/page?of=http://example.org/');
    expect(asking.headers).toContainEqual({ name: 'x-asked', value: 'GET /page?of=http://example.org/' });
  });

  it('is told as it is: missing, moved, no text, only its head', async () => {
    expect((await get('http://ann/nothing')).status).toBe(404);
    const moved = await get('http://ann/moved');
    expect(moved.status).toBe(302);
    expect(moved.headers).toContainEqual({ name: 'location', value: 'http://example.org/' });
    const picture = await get('http://ann/picture');
    expect(picture).toMatchObject({ text: null, body: Uint8Array.of(0x89, 0x50, 0, 255) });
    expect(await get('http://ann/latin')).toMatchObject({ text: null, body: Uint8Array.of(0xe4, 0xf6) });
    const head = await get('http://ann/page', { head: true });
    expect(head).toMatchObject({ status: 200, text: '', more: false });
    expect(head.headers).toContainEqual({ name: 'x-asked', value: 'HEAD /page' });
    expect(await get('http://ann/chatty', { head: true })).toMatchObject({ status: 200, body: Uint8Array.of() });
  });

  it('is taken as far as was wanted, however long it is', async () => {
    const answer = await get('http://ann/endless', { maxBytes: 25_000 });
    expect(answer).toMatchObject({ status: 200, more: true });
    expect(answer.text).toHaveLength(25_000);
    // Text stays text, also where it is cut within a character.
    expect(await get('http://ann/umlauts', { maxBytes: 101 })).toMatchObject({
      text: 'ü'.repeat(50),
      body: null,
      more: true,
    });
    expect(await get('http://ann/umlauts', { maxBytes: 2000 })).toMatchObject({ text: 'ü'.repeat(1000), more: false });
    expect(await get('http://ann/utf-16')).toMatchObject({ text: null, body: Uint8Array.of(0x68, 0, 0x69, 0) });
  });

  it('is one of a few at one time', async () => {
    const asked = Array.from({ length: 20 }, () => get('http://ann/stuck').catch((error: unknown) => error));
    expect(await Promise.race(asked)).toMatchObject({ code: 'BUSY' });
    await until(() => stuck.length === 16);
    for (const response of stuck) response.end();
    const all = await Promise.all(asked);
    expect(all.filter((one) => isFail(one, 'BUSY'))).toHaveLength(4);
    expect((await get('http://ann/page')).status).toBe(200);
  });

  it('is waited for no longer than its caller does, and its connection ends with that', async () => {
    stuck.length = 0;
    const end = new AbortController();
    const asked = me.mesh.handlers['mesh.fetch'](
      { url: 'http://ann/stuck', head: false, maxBytes: 1000 },
      { ...me.context, signal: end.signal },
    );
    await until(() => stuck.length === 1);
    end.abort();
    await expect(asked).rejects.toMatchObject({ code: 'CANCELLED' });
    await until(() => stuck[0]?.destroyed === true);
  });

  it('fails in plain words where there is none', async () => {
    await expect(get('http://ann:81/')).rejects.toMatchObject({ code: 'NO_ANSWER', data: { why: 'REFUSED' } });
    await expect(get('http://ann:22/')).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      message: 'What came is not the answer of a web server.',
    });
    await expect(get('http://ann/other')).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      message: 'What came is not the answer of a web server.',
    });
    await expect(get('http://ann/cut')).rejects.toMatchObject({
      code: 'NO_ANSWER',
      message: 'The other side broke off the connection.',
    });
    await expect(get('http://bob/')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(get('http://example.org/')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(get('http://127.0.0.1/')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(get('http://ann/boast')).rejects.toMatchObject({
      code: 'BAD_ANSWER',
      message: 'What the server says of the page is longer than 32 KiB.',
    });
    for (const url of [
      'ann:0/',
      'https://ann/?http://ann/',
      'https://ann/',
      'file:///etc/passwd',
      'http://user:word@ann/',
      'http://',
      'ann:99999/',
    ]) {
      await expect(get(url), url).rejects.toMatchObject({ code: 'BAD_TARGET' });
    }
  });
});
