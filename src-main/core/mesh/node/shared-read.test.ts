import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readShared } from './shared-read.ts';

describe('accepted sockets', () => {
  it('read into the one buffer, write, end, and are no longer counted by their server', async () => {
    const buffer = new Uint8Array(64 * 1024);
    const got: number[] = [];
    const server = createServer({ pauseOnConnect: true });
    const moved = new Promise<Socket | null>((done) => {
      server.once('connection', (socket) => {
        done(
          readShared(socket, buffer, (bytes, start, end) => {
            expect(bytes).toBe(buffer);
            got.push(...bytes.subarray(start, end));
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
});
