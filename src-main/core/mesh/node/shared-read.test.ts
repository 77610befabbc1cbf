import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createSharedBuffer, readShared } from './shared-read.ts';

describe('accepted sockets', () => {
  it('read into the one buffer, write, end, and are no longer counted by their server', async () => {
    const buffer = createSharedBuffer();
    const got: number[] = [];
    const server = createServer({ pauseOnConnect: true });
    const moved = new Promise<Socket | null>((done) => {
      server.once('connection', (socket) => {
        done(
          readShared(socket, buffer, {
            take(bytes, start, end) {
              expect(bytes).toBe(buffer.whole);
              got.push(...bytes.subarray(start, end));
            },
            ...{ slow: () => false, costly: () => false, relays: () => false },
          }),
        );
      });
    });
    const port = await new Promise<number>((done) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        done(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const client = connect(port, '127.0.0.1');
    client.write(Uint8Array.of(1, 2, 3));
    const socket = await moved;
    if (socket === null) throw new Error('this runtime falls back to data events');
    const answer = new Promise<Buffer>((done) => client.once('data', done));
    socket.write(Uint8Array.of(9));
    expect([...(await answer)]).toEqual([9]);
    const ended = new Promise((done) => socket.once('close', done));
    socket.once('end', () => socket.destroy());
    client.end(Uint8Array.of(4));
    await ended;
    expect(got).toEqual([1, 2, 3, 4]);
    // Would wait for ever for a connection that nobody ends.
    await new Promise((done) => server.close(done));
  });

  it('are read in small pieces while their reader is slow, and in large ones again after', async () => {
    const buffer = createSharedBuffer();
    const server = createServer({ pauseOnConnect: true });
    let slow = true;
    const sizes: { slow: boolean; size: number }[] = [];
    let got = 0;
    let sum = 0;
    server.once('connection', (socket) => {
      const moved = readShared(socket, buffer, {
        take(bytes, start, end) {
          sizes.push({ slow, size: end - start });
          for (let i = start; i < end; i += 4096) sum += bytes[i] as number;
          got += end - start;
          slow = got < total / 2;
        },
        ...{ slow: () => slow, costly: () => false, relays: () => false },
      });
      moved?.once('close', () => server.close());
      moved?.once('end', () => moved.destroy());
    });
    const total = 24 * 1024 * 1024;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
    const closed = new Promise((done) => server.once('close', done));
    client.end(new Uint8Array(total).fill(1));
    await closed;
    expect(got).toBe(total);
    expect(sum).toBeGreaterThan(0);
    expect(Math.max(...sizes.filter((one) => one.slow).map(({ size }) => size))).toBeLessThanOrEqual(
      buffer.part.length,
    );
    expect(buffer.part.length).toBeLessThan(buffer.whole.length);
  });

  it('are read in sips while their reader says that what comes has to wait, and not at all while they are paused', async () => {
    const buffer = createSharedBuffer();
    const server = createServer({ pauseOnConnect: true });
    const sips: number[] = [];
    let turn = 0;
    let resumedIn = 0;
    let got = 0;
    const all = 200_000;
    const done = new Promise<void>((resolve) => {
      server.once('connection', (socket) => {
        const moved = readShared(socket, buffer, {
          take(_, start, end) {
            // The first is as large as may be: nobody knows yet.
            if (got > 0) sips.push(end - start);
            expect(turn).toBeGreaterThanOrEqual(resumedIn);
            got += end - start;
            if (got === all) resolve();
            moved?.pause();
            resumedIn = turn + 3;
          },
          ...{ slow: () => false, costly: () => true, relays: () => false },
        });
        const count = (): void => {
          if (got === all) return;
          turn++;
          if (turn === resumedIn) moved?.resume();
          setImmediate(count);
        };
        count();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    const client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
    client.write(new Uint8Array(all));
    await done;
    expect(sips.length).toBeGreaterThan(1);
    expect(Math.max(...sips)).toBeLessThanOrEqual(buffer.sip.length);
    client.destroy();
    server.close();
  });
});
