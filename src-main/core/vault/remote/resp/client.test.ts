import { createServer } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { setRealTimer } from '../testing/real-timer.ts';
import { bulk, type Script, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.ts';
import { connect, type RespClient, type RespOptions } from './client.ts';
import { ConnectionError, ReplyError } from './reply.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  cleanup.push(() => server.close());
  return server;
}

function client(port: number, options: Partial<RespOptions> = {}): RespClient {
  const made = connect({ host: '127.0.0.1', port }, { setTimer: setRealTimer, ...options });
  cleanup.push(() => made.close());
  return made;
}

const word = (words: Uint8Array[], i: number): string => Buffer.from(words[i] ?? []).toString();
const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error instanceof ConnectionError ? error.failure : String(error)),
  );

it('answers many commands at once, each with its own reply, over one connection', async () => {
  const server = await serve((words) => bulk(words[1] ?? ''));
  const it = client(server.port);
  const replies = await Promise.all(Array.from({ length: 500 }, (_, i) => it.command('ECHO', i)));
  expect(replies.map((reply) => Number(Buffer.from(reply as Uint8Array).toString()))).toEqual([...replies.keys()]);
  expect(server.connections()).toBe(1);
});

it('sends megabytes as they lie and reads them into the given memory', async () => {
  const store = new Map<string, Uint8Array>();
  const server = await serve((words) => {
    if (word(words, 0) === 'GET') return bulk(store.get(word(words, 1)) ?? '');
    store.set(word(words, 1), new Uint8Array(words[2] ?? []));
    return '+OK\r\n';
  });
  const it = client(server.port, { inFlightBytes: 3_000_000 });
  const values = Array.from({ length: 6 }, (_, i) => new Uint8Array(2_000_000 + i).fill(i + 1));
  await Promise.all(values.map((value, i) => it.command('SET', `k${i}`, value)));
  const targets = values.map((value) => new Uint8Array(value.length));
  const lengths = await Promise.all(targets.map((target, i) => it.readInto(['GET', `k${i}`], target)));
  expect(lengths).toEqual(values.map((value) => value.length));
  expect(values.every((value, i) => Buffer.compare(targets[i] ?? value.subarray(1), value) === 0)).toBe(true);
  const middle = new Uint8Array(5);
  expect(await it.readInto(['GET', 'k3'], middle, 1_000_000)).toBe(2_000_003);
  expect([...middle]).toEqual([4, 4, 4, 4, 4]);
});

it('throws what the server says is wrong, and goes on', async () => {
  const server = await serve((words) => (word(words, 0) === 'BAD' ? '-Command not supported\r\n' : '+PONG\r\n'));
  const it = client(server.port);
  await expect(it.command('BAD')).rejects.toThrow(ReplyError);
  expect(await it.batch([['PING'], ['BAD'], ['PING']])).toEqual([
    'PONG',
    new ReplyError('Command not supported'),
    'PONG',
  ]);
  expect(server.connections()).toBe(1);
});

it('greets on every connection before anything else, and connects again by itself after a cut', async () => {
  const said: string[] = [];
  const server = await serve((words) => {
    said.push(word(words, 0));
    return '+OK\r\n';
  });
  const it = client(server.port, { greet: async (session) => void (await session.command('HELLO')) });
  await Promise.all([it.command('ONE'), it.command('TWO')]);
  server.cut();
  // The cut may be noticed before or after this one is sent.
  await it.command('MAYBE').catch(() => {});
  await it.command('THREE');
  expect(said.filter((one) => one !== 'MAYBE')).toEqual(['HELLO', 'ONE', 'TWO', 'HELLO', 'THREE']);
});

it('fails everything under way when the connection is cut, and sends none of it twice', async () => {
  const seen: string[] = [];
  const server = await serve((words, socket) => {
    seen.push(word(words, 1));
    if (word(words, 1) === '3') socket.destroy();
    return word(words, 1) === '1' || seen.includes('3') ? '+OK\r\n' : null;
  });
  const it = client(server.port);
  const outcomes = await Promise.all([1, 2, 3, 4].map((i) => failure(it.command('SET', i))));
  expect(outcomes).toEqual(['none', 'closed', 'closed', 'closed']);
  expect(await it.command('SET', 5)).toBe('OK');
  expect(new Set(seen).size).toBe(seen.length);
});

it('fails all who wait when the server refuses the greeting, and greets anew for the next', async () => {
  let password = 'wrong';
  const server = await serve((words) =>
    word(words, 0) !== 'AUTH' || word(words, 1) === 'right' ? '+OK\r\n' : '-Access denied\r\n',
  );
  const it = client(server.port, { greet: async (session) => void (await session.command('AUTH', password)) });
  const outcomes = await Promise.all([failure(it.command('A')), failure(it.command('B'))]);
  expect(outcomes).toEqual(['ReplyError: Access denied', 'ReplyError: Access denied']);
  password = 'right';
  expect(await it.command('C')).toBe('OK');
});

it('gives up a server that takes the connection and says nothing, one that drips, and one that does not greet', async () => {
  let got = 0;
  const silent = await serve(() => {
    got++;
    return null;
  });
  const host = createFakeHost();
  const quiet = client(silent.port, { setTimer: host.setTimer, stallMs: 1000, commandMs: 10_000 });
  const asked = failure(quiet.command('PING'));
  await expect.poll(() => got).toBe(1);
  // Bytes moved while it was asked: the first turn of the timer may have seen that.
  host.advance(2000);
  expect(await asked).toBe('timeout');

  const drip = await serve((_, socket) => {
    const timer = setInterval(() => socket.write('1'), 5);
    socket.on('close', () => clearInterval(timer));
    socket.write('$1000000\r\n');
    return null;
  });
  expect(await failure(client(drip.port, { stallMs: 50, commandMs: 200 }).command('GET', 'x'))).toBe('timeout');

  const rude = client(silent.port, { connectMs: 50, greet: async (session) => void (await session.command('AUTH')) });
  expect(await failure(rude.command('PING'))).toBe('timeout');
});

it('says that a server cannot be reached: a closed port, a dial that hangs, a name that is none', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  const port = await new Promise<number>((resolve) =>
    server.once('listening', () => resolve((server.address() as { port: number }).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  expect(await failure(client(port).command('PING'))).toBe('connect');
  const hangs = connect({ dial: () => new Promise(() => {}) }, { setTimer: setRealTimer, connectMs: 20 });
  expect(await Promise.all([failure(hangs.command('PING')), failure(hangs.command('PING'))])).toEqual([
    'connect',
    'connect',
  ]);
});

it('ends with a typed error when the server talks nonsense or unasked', async () => {
  const nonsense = await serve(() => 'HTTP/1.1 400 Bad Request\r\n\r\n');
  expect(await failure(client(nonsense.port).command('PING'))).toBe('protocol');
  const twice = await serve(() => '+OK\r\n+OK\r\n');
  const it = client(twice.port);
  expect(await it.command('PING')).toBe('OK');
  const wrongKind = await serve(() => ':7\r\n');
  expect(await failure(client(wrongKind.port).readInto(['GET', 'x'], new Uint8Array(7)))).toBe('protocol');
});

it('keeps at most so many bytes under way, in order', async () => {
  let held: (() => void)[] = [];
  const got: string[] = [];
  const server = await serve((words, socket) => {
    got.push(word(words, 1));
    held.push(() => socket.write('+OK\r\n'));
    return null;
  });
  const it = client(server.port, { inFlightBytes: 250_000 });
  const calls = Array.from({ length: 6 }, (_, i) => it.command('SET', i, new Uint8Array(100_000)));
  await expect.poll(() => held.length).toBe(2);
  while (got.length < 6 || held.length > 0) {
    const now = held;
    held = [];
    for (const answer of now) answer();
    await new Promise(setImmediate);
  }
  await Promise.all(calls);
  expect(got).toEqual(['0', '1', '2', '3', '4', '5']);
});

it('refuses more waiting calls than are bounded, and all after it was closed', async () => {
  const it = connect({ dial: () => new Promise(() => {}) }, { setTimer: setRealTimer });
  const many = Array.from({ length: 4200 }, () => failure(it.command('PING')));
  expect(await many[4199]).toBe('busy');
  await it.close();
  expect(await many[0]).toBe('ended');
  expect(await failure(it.command('PING'))).toBe('ended');
});

it('fails those who wait with those who were first, when a server does not answer', async () => {
  const silent = await serve(() => null);
  const slow = client(silent.port, { stallMs: 50, inFlightBytes: 100_000 });
  const many = Array.from({ length: 20 }, (_, i) => failure(slow.command('SET', i, new Uint8Array(60_000))));
  expect(new Set(await Promise.all(many))).toEqual(new Set(['timeout']));
  expect(silent.connections()).toBe(1);
});

it('tells when the bytes are out of its hands, before they are answered', async () => {
  const server = await serve(() => null);
  const it = client(server.port);
  const sent = Promise.withResolvers<void>();
  const answer = failure(it.batch([['SET', 'k', new Uint8Array(3_000_000)]], sent.resolve).then(() => {}));
  await sent.promise;
  await it.close();
  expect(await answer).toBe('ended');
});

it('works over any duplex stream', async () => {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  toServer.on('data', () => toClient.write('+PONG\r\n'));
  const it = connect(
    { dial: async () => Duplex.from({ readable: toClient, writable: toServer }) },
    { setTimer: setRealTimer },
  );
  expect(await it.command('PING')).toBe('PONG');
  await it.close();
});
