import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { duplexPair } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { createLane } from './lane.ts';
import { PacedStream } from './paced-stream.ts';

const kib = 1024;
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const noise = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255));

function lanes() {
  const host = createFakeHost();
  return { host, up: createLane(host), down: createLane(host) };
}

/** Everything that comes, whole. */
async function collect(stream: Duplex): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

it('passes both ways unchanged over a real socket, counts, and ends as the socket does', async () => {
  const { up, down } = lanes();
  const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  ends.push(() => server.close());
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const stream = new PacedStream(socket, { up, down });
  const sent = noise(3 * 1024 * kib + 17);
  const back = collect(stream);
  stream.cork();
  for (let at = 0; at < sent.length; at += 100_000) stream.write(sent.subarray(at, at + 100_000));
  stream.uncork();
  stream.end();
  expect(Buffer.compare(await back, sent)).toBe(0);
  expect([up.seen().total, down.seen().total]).toEqual([sent.length, sent.length]);
});

it('ends with the error of what it stands on, and destroys it', async () => {
  const [a] = duplexPair();
  const stream = new PacedStream(a, lanes());
  const failed = once(stream, 'error');
  a.destroy(new Error('cut'));
  expect(String((await failed)[0])).toContain('cut');
  const [b] = duplexPair();
  new PacedStream(b, lanes()).destroy();
  await new Promise((resolve) => setImmediate(resolve));
  expect(b.destroyed).toBe(true);
});

it('keeps to a bound that all streams share, in each direction, and goes on at once when there is none any more', async () => {
  const { host, up, down } = lanes();
  up.setRate(100 * kib);
  down.setRate(50 * kib);
  const far: Duplex[] = [];
  const streams = [0, 1].map(() => {
    const [a, b] = duplexPair({ highWaterMark: 1024 * kib });
    far.push(b);
    return new PacedStream(a, { up, down });
  });
  let out = 0;
  let come = 0;
  for (const b of far) {
    b.on('data', (piece: Buffer) => {
      out += piece.length;
    });
    for (let i = 0; i < 64; i++) b.write(noise(8 * kib));
  }
  for (const stream of streams) {
    stream.on('data', (piece: Buffer) => {
      come += piece.length;
    });
    stream.write(noise(512 * kib));
  }
  for (let ms = 0; ms < 2000; ms += 20) {
    host.advance(20);
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(out).toBeGreaterThan(120 * kib);
  expect(out).toBeLessThanOrEqual(200 * kib + 3 * 16 * kib);
  expect(come).toBeGreaterThan(60 * kib);
  expect(come).toBeLessThanOrEqual(100 * kib + 3 * 16 * kib + 2 * 64 * kib);
  up.setRate(null);
  down.setRate(null);
  for (let i = 0; i < 400 && (out < 1024 * kib || come < 1024 * kib); i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect([out, come]).toEqual([1024 * kib, 1024 * kib]);
  for (const stream of streams) stream.destroy();
});
