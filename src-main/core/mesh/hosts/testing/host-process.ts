import { createServer as createHttpServer, get } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { meshContract } from '#shared/contract/mesh/index.ts';
import { startTestMesh } from '../../testing/test-mesh.ts';

/*
 * The mesh domain of an agent in a process of its own, for tests that put it into a network namespace: a line of JSON
 * `{id, call, input}` on standard input is a call, `{id, value}` or `{id, error}` on standard output its answer. What starts
 * with `mesh.` is the contract's; the rest is below. It ends when its input does.
 */

const agent = await startTestMesh();
const servers: Server[] = [];

/** A byte of a body, by its place: what is lost, doubled or out of order shows. */
const byteAt = (at: number): number => (at * 31 + (at >> 8)) & 255;

async function listen(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

/** A connection that says a number each 50 ms to who repeats it. */
interface Talk {
  said: number;
  heard: number;
  /** Milliseconds, the longest time without an answer. */
  longest: number;
  open: boolean;
}
let talk: Talk = { said: 0, heard: 0, longest: 0, open: false };

function startTalk(port: number): void {
  const mine: Talk = { said: 0, heard: 0, longest: 0, open: true };
  talk = mine;
  const socket = connect(port, '127.0.0.1');
  const timer = setInterval(() => {
    if (mine.said - mine.heard < 4000) socket.write(Uint8Array.of(mine.said++ & 255));
  }, 50);
  let last = performance.now();
  socket.on('data', (bytes: Buffer) => {
    for (const byte of bytes) {
      if (byte !== (mine.heard++ & 255)) socket.destroy(new Error('the wrong byte came back'));
    }
    mine.longest = Math.max(mine.longest, performance.now() - last);
    last = performance.now();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(timer);
    mine.open = false;
  });
}

/** What calls are given; each takes what it knows. */
interface Input {
  readonly port: number;
  readonly size: number;
  readonly label: string;
  readonly key: string;
}

const own: Record<string, (input: Input) => unknown> = {
  /** A web server on loopback that gives as many bytes as its path says. @returns its port */
  web: () =>
    listen(
      createHttpServer((request, response) => {
        const body = Buffer.alloc(Number(request.url?.slice(1)));
        for (let at = 0; at < body.length; at++) body[at] = byteAt(at);
        response.end(body);
      }),
    ),
  /** @returns how many bytes came, whether they are those that were sent, and how long it took */
  fetch({ port, size }) {
    const since = performance.now();
    return new Promise((done, failed) => {
      const request = get({ host: '127.0.0.1', port, path: `/${size}`, agent: false }, (response) => {
        let length = 0;
        let whole = true;
        response.on('data', (bytes: Buffer) => {
          for (const byte of bytes) whole &&= byte === byteAt(length++);
        });
        response.on('end', () => done({ length, whole, ms: performance.now() - since }));
        response.on('error', failed);
      });
      request.on('error', failed);
    });
  },
  /** A server on loopback that repeats what it is told. @returns its port */
  echo: () =>
    listen(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.pipe(socket);
      }),
    ),
  talk: ({ port }) => startTalk(port),
  /** @returns how the talk goes; the longest silence is counted anew */
  heard() {
    const now = { ...talk };
    talk.longest = 0;
    return now;
  },
  know: ({ label, key }) => agent.know(label, key),
  memory: () => process.memoryUsage.rss(),
};

async function answer(call: string, input: Input): Promise<unknown> {
  const mine = own[call];
  if (mine !== undefined) return mine(input);
  const name = call as keyof typeof meshContract;
  const handler = agent.mesh.handlers[name] as (input: unknown, context: unknown) => unknown;
  const value = await handler(meshContract[name].input.parse(input), agent.context);
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return value;
  const items: unknown[] = [];
  for await (const item of value as AsyncIterable<unknown>) items.push(item);
  return items;
}

const say = (line: unknown): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const lines = createInterface({ input: process.stdin });
lines.on('line', async (line) => {
  const { id, call, input } = JSON.parse(line);
  try {
    say({ id, value: await answer(call, input) });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    say({ id, error: { code: code ?? 'INTERNAL', message } });
  }
});
lines.on('close', async () => {
  await agent.stop();
  process.exit(0);
});
say({ id: 0, value: process.pid });
