import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { unreachable } from '../errors.ts';
import type { NetStack } from '../stack.ts';
import { TcpServer } from '../tcp-server.ts';
import { dialSocket } from '../tcp-socket.ts';
import { memoryPair, realClock } from '../testing/memory-link.ts';
import { addressB } from '../testing/pair.ts';
import { loopbackDialer, loopbackListener } from './loopback-ports.ts';
import { meshDialer, meshListener } from './mesh-ports.ts';
import type { Resolver } from './ports.ts';
import { openRelay } from './relay.ts';
import { openSocks } from './socks-server.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const names: Resolver = async (name) => (name === 'web.hypha' ? [addressB] : []);

/** A service on the other host that sends back what it gets, and only after the end of it. */
function echo(stack: NetStack, port = 80): void {
  const server = new TcpServer(stack, { port, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    const parts: Uint8Array[] = [];
    socket.on('data', (part: Uint8Array) => parts.push(part));
    socket.on('end', () => socket.end(Buffer.concat(parts)));
  });
  closers.push(() => server.closeAllConnections());
}

async function dialLoopback(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  await once(socket, 'connect');
  closers.push(() => socket.destroy());
  return socket;
}

describe('a forward', () => {
  it('brings a remote service to a loopback port, half-closed connections and all', async () => {
    const { a, b } = memoryPair();
    echo(b);
    const target = { host: 'web.hypha', port: 80 };
    const relay = await openRelay({ listener: loopbackListener(0), dialer: meshDialer(a, names), target });
    closers.push(() => relay.close());
    const data = randomBytes(500_000);
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const socket = await dialLoopback(relay.port);
        socket.end(data);
        return sha256(await collect(socket));
      }),
    );
    expect(answers).toEqual([sha256(data), sha256(data), sha256(data)]);
    expect(relay.traffic).toMatchObject({ sent: 1_500_000, received: 1_500_000 });
  });

  it('breaks off its caller when nobody is there, and says why', async () => {
    const { a } = memoryPair();
    const why: unknown[] = [];
    for (const target of [
      { host: 'web.hypha', port: 81 },
      { host: 'nobody.hypha', port: 80 },
    ]) {
      const relay = await openRelay({
        ...{ listener: loopbackListener(0), dialer: meshDialer(a, names), target },
        onFailure: (error) => why.push(error),
      });
      closers.push(() => relay.close());
      const socket = await dialLoopback(relay.port);
      expect((await collect(socket).catch(() => Buffer.alloc(0))).length).toBe(0);
    }
    expect(why).toMatchObject([{ code: 'REFUSED' }, { code: 'UNREACHABLE' }]);
  });

  it('takes no port that is taken', async () => {
    const { a } = memoryPair();
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const opening = openRelay({
      listener: loopbackListener(port),
      dialer: meshDialer(a, names),
      target: { host: '::2', port: 1 },
    });
    await expect(opening).rejects.toMatchObject({ code: 'IN_USE' });
  });
});

describe('an exposed service', () => {
  async function localService(): Promise<number> {
    const server = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  it('is reached through the mesh by those admitted, and looks closed to others', async () => {
    const { a, b } = memoryPair();
    const target = { host: 'localhost', port: await localService() };
    let friend = true;
    const listener = meshListener(b, { port: 22, admits: (address) => friend && address[0] === 4 });
    const relay = await openRelay({ listener, dialer: loopbackDialer, target });
    closers.push(() => relay.close());
    const socket = await dialSocket(a, { address: addressB, port: 22 });
    socket.end('hello');
    expect((await collect(socket)).toString()).toBe('hello');
    friend = false;
    await expect(dialSocket(a, { address: addressB, port: 22 })).rejects.toMatchObject({ code: 'REFUSED' });
  });

  it('that is not running breaks its callers off', async () => {
    const { a, b } = memoryPair();
    const port = await localService();
    await closers.pop()?.();
    const listener = meshListener(b, { port: 22, admits: () => true });
    const relay = await openRelay({ listener, dialer: loopbackDialer, target: { host: '', port } });
    closers.push(() => relay.close());
    const socket = await dialSocket(a, { address: addressB, port: 22 });
    await expect(collect(socket)).rejects.toMatchObject({ code: 'RESET' });
  });
});

describe('the SOCKS proxy', () => {
  const greeting = Uint8Array.of(5, 1, 2);
  const login = (user: string, password: string): Uint8Array =>
    Uint8Array.from([1, user.length, ...Buffer.from(user), password.length, ...Buffer.from(password)]);
  const ask = (host: string, port: number): Uint8Array =>
    Uint8Array.from([5, 1, 0, 3, host.length, ...Buffer.from(host), port >>> 8, port & 255]);

  async function proxy(resolve: Resolver = names) {
    const { a, b } = memoryPair();
    echo(b);
    const socks = await openSocks({
      ...{ listener: loopbackListener(0), dialer: meshDialer(a, resolve), clock: realClock },
      ...{ user: 'hypha', password: 'secret' },
    });
    closers.push(() => socks.close());
    return socks;
  }

  it('connects by name and carries bytes, also those sent before it has answered', async () => {
    const socks = await proxy();
    const socket = await dialLoopback(socks.port);
    const data = randomBytes(300_000);
    socket.write(greeting);
    socket.write(login('hypha', 'secret'));
    socket.write(ask('web.hypha', 80));
    socket.end(data);
    const all = await collect(socket);
    expect([...all.subarray(0, 14)]).toEqual([5, 2, 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    expect(sha256(all.subarray(14))).toBe(sha256(data));
    expect(socks.traffic).toMatchObject({ sent: 300_000, received: 300_000 });
  });

  it('takes its messages a byte at a time', async () => {
    const socks = await proxy();
    const socket = await dialLoopback(socks.port);
    socket.setNoDelay(true);
    for (const byte of [...greeting, ...login('hypha', 'secret'), ...ask('500:b::2', 80)]) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end('x');
    expect((await collect(socket)).subarray(14).toString()).toBe('x');
  });

  for (const [what, sent, answer] of [
    ['no password', [Uint8Array.of(5, 1, 0)], [5, 255]],
    ['a wrong password', [greeting, login('hypha', 'secreT')], [5, 2, 1, 1]],
    ['a wrong user', [greeting, login('hyph', 'secret')], [5, 2, 1, 1]],
    ['an old version', [Uint8Array.of(4, 1, 0)], []],
    [
      'a closed port',
      [greeting, login('hypha', 'secret'), ask('web.hypha', 81)],
      [5, 2, 1, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0],
    ],
    [
      'an unknown name',
      [greeting, login('hypha', 'secret'), ask('x.hypha', 80)],
      [5, 2, 1, 0, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0],
    ],
    [
      'an IPv4 address',
      [greeting, login('hypha', 'secret'), Uint8Array.of(5, 1, 0, 1, 1, 2, 3, 4, 0, 80)],
      [5, 2, 1, 0, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0],
    ],
    [
      'to bind a port',
      [greeting, login('hypha', 'secret'), Uint8Array.of(5, 2, 0, 1, 1, 2, 3, 4, 0, 80)],
      [5, 2, 1, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0],
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const socks = await proxy();
      const socket = await dialLoopback(socks.port);
      for (const message of sent) socket.write(message);
      expect([...(await collect(socket))]).toEqual([...answer]);
      await expect.poll(() => socks.traffic.connections).toBe(0);
    });
  }

  it('gives up dialing when its client has gone', async () => {
    let gaveUp: () => void = () => {};
    const done = new Promise<void>((resolve) => {
      gaveUp = resolve;
    });
    const socks = await proxy(
      (_name, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            gaveUp();
            reject(unreachable('given up'));
          });
        }),
    );
    const socket = await dialLoopback(socks.port);
    for (const message of [greeting, login('hypha', 'secret'), ask('slow.hypha', 80)]) socket.write(message);
    for (let got = 0; got < 4; ) got += ((await once(socket, 'data')) as [Buffer])[0].length;
    socket.resetAndDestroy();
    await done;
  });
});
