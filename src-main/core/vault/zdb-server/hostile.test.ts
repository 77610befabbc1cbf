import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { openServer, type ServerBench } from './testing/bench.ts';
import { request } from './testing/raw-client.ts';

/* Clients that mean harm: what they do keeps nobody else from being served. */

let bench: ServerBench;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await bench.stop();
});

const dial = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port: bench.port, host: '127.0.0.1' });
    sockets.push(socket);
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
/** What a socket says until it ends. */
const heard = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => resolve(text));
    socket.on('close', () => resolve(text));
  });

it('two thousand connections are served or sent away', async () => {
  bench = await openServer({ connections: 100 });
  const mine = await bench.connect();
  await mine.say('SET', 'a', 'b');
  for (let wave = 0; wave < 10; wave++) {
    const answers = (await Promise.all(Array.from({ length: 200 }, dial))).map(heard);
    // The first take what is free, and say nothing.
    const refused = wave === 0 ? answers.slice(0, 0) : answers;
    for (const answer of await Promise.all(refused)) expect(answer).toBe('-Too many clients\r\n');
    expect(await mine.say('GET', 'a')).toBe('$1|b|');
  }
  expect(bench.server.connections()).toBe(100);
});

it('what is announced and never sent takes no memory', async () => {
  bench = await openServer();
  const mine = await bench.connect();
  const many = await Promise.all(Array.from({ length: 200 }, dial));
  const before = process.memoryUsage().arrayBuffers;
  for (const socket of many) socket.write(`*3\r\n$3\r\nSET\r\n$1\r\na\r\n$8388608\r\n${'x'.repeat(1000)}`);
  for (let i = 0; i < 20; i++) expect(await mine.say('PING')).toBe('+PONG|');
  // 64 KiB each, where 8 MiB were announced.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
});

it('a request that trickles in is given up, a slow one that does come is not', async () => {
  const host = createFakeHost();
  bench = await openServer({ now: host.now, setTimer: host.setTimer });
  const mine = await bench.connect();
  await mine.say('PING');
  const trickle = await dial();
  const steady = await bench.connect();
  await steady.say('PING');
  const over = heard(trickle);
  trickle.write('*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$400000\r\n');
  steady.send('*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$600000\r\n');
  for (let i = 0; i < 12; i++) {
    trickle.write('x');
    steady.send(Buffer.alloc(50_000, 'y'));
    // Both have arrived when a request sent after them is answered.
    await mine.say('PING');
    await mine.say('PING');
    host.advance(5_000);
  }
  expect(await over).toBe('+PONG\r\n');
  steady.send('\r\n');
  expect((await steady.reply()).toString()).toBe('$1\r\nb\r\n');
});

it('arrays in arrays, and requests cut at every byte, are told from requests', async () => {
  bench = await openServer();
  for (const bytes of ['*2\r\n*1\r\n$4\r\nPING\r\n', '*1\r\n*1\r\n*1\r\n', '*1024\r\n*1024\r\n', '*00000000001\r\n']) {
    const socket = await dial();
    const said = heard(socket);
    socket.write(bytes);
    expect(await said).toBe('-Malformed query string\r\n');
  }
  const client = await bench.connect();
  const asked = Buffer.concat([request('SET', 'key', 'v'.repeat(300)), request('GET', 'key')]);
  for (let cut = 1; cut < asked.length; cut += 17) {
    client.send(asked.subarray(0, cut));
    client.send(asked.subarray(cut));
    expect((await client.reply()).toString()).toBe(cut === 1 ? '$3\r\nkey\r\n' : '$-1\r\n');
    expect((await client.reply()).length).toBe(6 + 300 + 2);
  }
});

it('a flood of wrong passwords keeps nobody out who has the right one', async () => {
  // As dear to check as it is where a person chose the password.
  bench = await openServer({ passwordCost: { passes: 3, memoryKiB: 64 * 1024 } });
  const password = 'machine made 7C4N2Q5X';
  await bench.server.namespaces.create('lent', { mode: 'user', password, maxsize: 0 });
  bench = await bench.again();
  const flood = await Promise.all(Array.from({ length: 50 }, dial));
  let denied = 0;
  for (const socket of flood) {
    socket.on('data', (chunk: Buffer) => {
      denied += chunk.toString().split('-Access denied').length - 1;
    });
    socket.write(Buffer.concat(Array.from({ length: 40 }, (_, i) => request('SELECT', 'lent', `guess ${i}`))));
  }
  const mine = await bench.connect();
  expect(await mine.say('SELECT', 'lent', password)).toBe('+OK|');
  await expect.poll(() => denied).toBe(50 * 40);
});
