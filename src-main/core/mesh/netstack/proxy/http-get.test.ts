import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { httpGet } from './http-get.ts';
import { loopbackDialer } from './loopback-ports.ts';
import type { Dialer } from './ports.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
/** Answers that went out. */
let said = 0;
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A server that says this to whoever connects, and goes on as it likes. */
async function saying(words: string, then: (socket: Socket) => void = () => {}): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () =>
      socket.write(words, () => {
        said++;
        then(socket);
      }),
    );
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

const question = { method: 'GET', host: 'ann', path: '/', most: 100, timeout: 60_000 } as const;
const head = 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n';

it('ends when its time is over, wherever it stands', async () => {
  const never: Dialer = { dial: () => new Promise(() => {}) };
  const cases: [string, Dialer, number][] = [
    ['the connection is being opened', never, 1],
    ['nothing is said', loopbackDialer, await saying('')],
    ['the head is not whole', loopbackDialer, await saying('HTTP/1.1 200')],
    ['the body is not whole', loopbackDialer, await saying(`${head}the beginning`)],
    ['it is told to wait', loopbackDialer, await saying('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100))],
  ];
  let known = said;
  for (const [where, dialer, port] of cases) {
    let late = (): void => {};
    const asked = httpGet(dialer, { ...question, port }, (_, fire) => {
      late = fire;
      return () => {};
    });
    if (dialer !== never) await expect.poll(() => said).toBe(++known);
    late();
    await expect(asked, where).rejects.toMatchObject({ code: 'TIMED_OUT' });
  }
});

it('takes no other protocol for an answer', async () => {
  const port = await saying('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello');
  const asked = httpGet(loopbackDialer, { ...question, port }, () => () => {});
  await expect(asked).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  // Without the header that announces it, too.
  const bare = await saying('HTTP/1.1 101 Switching Protocols\r\n\r\nhello', (socket) => socket.end());
  await expect(httpGet(loopbackDialer, { ...question, port: bare }, () => () => {})).rejects.toMatchObject({
    code: 'BAD_ANSWER',
  });
});
