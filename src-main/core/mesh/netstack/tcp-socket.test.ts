import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { NetStack } from './stack.ts';
import { TcpServer } from './tcp-server.ts';
import { connectSocket, dialSocket, type TcpSocket } from './tcp-socket.ts';
import { memoryPair, realClock } from './testing/memory-link.ts';
import { addressA, addressB } from './testing/pair.ts';

const MIB = 1_048_576;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Both ends of one connection. */
async function both(
  options: { allowHalfOpen?: boolean } = {},
): Promise<{ client: TcpSocket; server: TcpSocket; a: NetStack; b: NetStack }> {
  const { a, b } = memoryPair();
  const accepted = new Promise<TcpSocket>((resolve) => new TcpServer(b, { port: 80, ...options }, resolve));
  const client = await dialSocket(a, { address: addressB, port: 80, ...options });
  return { client, server: await accepted, a, b };
}

describe('a socket', () => {
  it('carries bytes both ways at once, and ends in good order', async () => {
    const { client, server, a, b } = await both();
    const [up, down] = [randomBytes(3 * MIB), randomBytes(2 * MIB)];
    client.end(up);
    server.end(down);
    const [atServer, atClient] = await Promise.all([collect(server), collect(client)]);
    expect([sha256(atServer), sha256(atClient)]).toEqual([sha256(up), sha256(down)]);
    expect([client.bytesWritten, server.bytesRead]).toEqual([up.length, up.length]);
    if (!client.closed) await once(client, 'close');
    if (!server.closed) await once(server, 'close');
    // The last acknowledgements may still be on their way.
    await expect.poll(() => a.tcp.usage.reserved + b.tcp.usage.reserved).toBe(0);
  });

  it('says who is at both ends', async () => {
    const { client, server } = await both();
    expect(client.remoteAddress).toBe('500:b::2');
    expect([server.remoteAddress, server.remotePort]).toEqual(['400:a::1', client.localPort]);
    expect([client.remotePort, client.readyState, client.remoteFamily]).toEqual([80, 'open', 'IPv6']);
    client.destroy();
    server.destroy();
  });

  it('holds its writer back while nobody reads, and lets it go on', async () => {
    const { client, server } = await both();
    let written = 0;
    const chunk = Buffer.alloc(65_536, 1);
    const writer = (async () => {
      while (written < 32 * MIB) {
        written += chunk.length;
        if (!client.write(chunk)) await once(client, 'drain');
      }
      client.end();
    })();
    // Turns of the event loop until nothing moves any more.
    for (let before = -1; before !== written; ) {
      before = written;
      for (let i = 0; i < 50; i++) await turn();
    }
    expect(written).toBeLessThan(16 * MIB);
    const got = await collect(server);
    await writer;
    expect(got.length).toBe(32 * MIB);
  });

  it('half closes: the answer may come after the question has ended', async () => {
    const { client, server } = await both({ allowHalfOpen: true });
    client.end('question');
    expect((await collect(server)).toString()).toBe('question');
    server.end('answer');
    expect((await collect(client)).toString()).toBe('answer');
  });

  it('sends what was written before it was destroyed after its end', async () => {
    const { client, server } = await both();
    const data = randomBytes(500_000);
    client.end(data);
    client.destroySoon();
    expect(sha256(await collect(server))).toBe(sha256(data));
  });

  it('breaks off by destroy, which the other side is told as a reset', async () => {
    const { client, server, a, b } = await both();
    const failed = once(server, 'error');
    client.write('half a wo');
    client.destroy();
    expect((await failed)[0]).toMatchObject({ code: 'RESET', data: { errno: 'ECONNRESET' } });
    expect(a.tcp.usage.connections + b.tcp.usage.connections).toBe(0);
  });

  it('is refused at a port where nobody listens', async () => {
    const { a } = memoryPair();
    await expect(dialSocket(a, { address: '500:b::2', port: 81 })).rejects.toMatchObject({ code: 'REFUSED' });
    expect(() => connectSocket(a, { address: 'nowhere', port: 81 })).toThrow(/no IPv6 address/);
  });

  it('gives up opening when its time is over or it is called off', async () => {
    const a = new NetStack({ address: addressA, mtu: 1400, clock: realClock, random: randomBytes, output: () => {} });
    await expect(dialSocket(a, { address: addressB, port: 80, timeout: 5 })).rejects.toMatchObject({
      code: 'TIMED_OUT',
    });
    const stop = new AbortController();
    const dialing = dialSocket(a, { address: addressB, port: 80, signal: stop.signal });
    stop.abort();
    await expect(dialing).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(a.tcp.usage.connections).toBe(0);
  });

  it('tells that it is idle', async () => {
    const { client, server } = await both();
    await new Promise<void>((resolve) => client.setTimeout(5, resolve));
    client.setTimeout(0);
    client.destroy();
    server.destroy();
    server.on('error', () => {});
  });

  it('pipes', async () => {
    const { client, server } = await both({ allowHalfOpen: true });
    const echo = pipeline(server, server);
    const data = randomBytes(MIB);
    client.end(data);
    expect(sha256(await collect(client))).toBe(sha256(data));
    await echo;
  });
});

describe('a server', () => {
  it('speaks HTTP over it, with connections kept', async () => {
    const { a, b } = memoryPair();
    const web = http.createServer((request, response) => request.pipe(response));
    let connections = 0;
    const server = new TcpServer(b, { port: 0 }, (socket) => {
      connections++;
      web.emit('connection', socket);
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    agent.createConnection = () => connectSocket(a, { address: addressB, port: server.address().port }) as never;
    for (let i = 0; i < 3; i++) {
      const body = randomBytes(100_000);
      const request = http.request({ agent, host: 'peer', method: 'POST' });
      request.end(body);
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      expect(sha256(await collect(response))).toBe(sha256(body));
    }
    expect(connections).toBe(1);
    agent.destroy();
    server.closeAllConnections();
  });

  it('takes a port once, gives it back, and ends when its connections have', async () => {
    const { a, b } = memoryPair();
    const server = new TcpServer(b, { port: 80 }, (socket) => socket.resume());
    expect(() => new TcpServer(b, { port: 80 })).toThrow(/taken/);
    const client = connectSocket(a, { address: addressB, port: 80 });
    await once(server, 'connection');
    let closed = false;
    server.close(() => {
      closed = true;
    });
    await expect(dialSocket(a, { address: addressB, port: 80 })).rejects.toMatchObject({ code: 'REFUSED' });
    expect(closed).toBe(false);
    client.end();
    client.resume();
    await once(server, 'close');
    new TcpServer(b, { port: 80 }).close();
  });

  it('breaks off what is over its limit', async () => {
    const { a, b } = memoryPair();
    const server = new TcpServer(b, { port: 80, maxConnections: 1 }, (socket) => socket.on('error', () => {}));
    const first = await dialSocket(a, { address: addressB, port: 80 });
    const second = connectSocket(a, { address: addressB, port: 80 });
    await expect(once(second, 'close')).rejects.toMatchObject({ code: 'RESET' });
    expect(server.connections).toBe(1);
    first.destroy();
  });

  it('listens at its own address', () => {
    const { a } = memoryPair();
    const server = new TcpServer(a, { port: 0 });
    expect(server.address().address).toBe('400:a::1');
    expect(a.address).toEqual(addressA);
    expect(server.address().port).toBeGreaterThanOrEqual(49_152);
  });
});
