import { connect, createServer, type Server, type Socket } from 'node:net';
import { concatBytes } from '#core/crypto/bytes.ts';
import { createArrivals } from './arrivals.ts';
import { messageBytesMost, type PairingChannel } from './channel.ts';

/* Pairing over TCP, between two computers that reach each other: each message after its length, u32, big-endian. */

const waitingMost = 8;

/** A connected socket as a channel. */
export function socketChannel(socket: Socket): PairingChannel {
  let got = new Uint8Array(0);
  const arrivals = createArrivals();

  const give = (message: Uint8Array): void => {
    arrivals.take(message);
    // Who sends more than is asked for has nothing to say that is worth keeping.
    if (arrivals.waiting > waitingMost) socket.destroy();
  };
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => arrivals.take(null));
  socket.on('data', (data) => {
    got = new Uint8Array(concatBytes(got, new Uint8Array(data)));
    while (got.length >= 4) {
      const length = new DataView(got.buffer).getUint32(0);
      if (length > messageBytesMost) return void socket.destroy();
      if (got.length < length + 4) return;
      give(got.slice(4, length + 4));
      got = got.slice(length + 4);
    }
  });
  return {
    send(message) {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, message.length);
      return new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('the connection is closed'));
        socket.write(concatBytes(length, message), (error) => (error ? reject(error) : resolve()));
      });
    },
    receive: arrivals.receive,
    // What was sent last (a no, a done) still goes out.
    close: () => void socket.end(() => socket.destroy()),
  };
}

export interface Listening {
  readonly port: number;
  close(): void;
}

/** Accept connections from anywhere, since the person asked for it; one that `take` does not want is closed. */
export async function listenForPairing(take: (channel: PairingChannel) => boolean): Promise<Listening> {
  const server = createServer((socket) => {
    const channel = socketChannel(socket);
    if (!take(channel)) socket.destroy();
  });
  server.maxConnections = 8;
  // Without IPv6 on this computer only the other is there.
  await bind(server, '::').catch(() => bind(server, '0.0.0.0'));
  server.unref();
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => void server.close(),
  };
}

function bind(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: 0 }, () => {
      server.off('error', reject);
      // A single connection that cannot be accepted is not the end of the offer.
      server.on('error', () => {});
      resolve();
    });
  });
}

/** @returns null when nobody answers there */
export function callForPairing(host: string, port: number, signal: AbortSignal): Promise<PairingChannel | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 10_000 });
    const fail = () => {
      socket.destroy();
      resolve(null);
    };
    signal.addEventListener('abort', fail, { once: true });
    socket.once('error', fail);
    socket.once('timeout', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', fail);
      socket.off('error', fail);
      socket.off('timeout', fail);
      socket.setTimeout(0);
      resolve(socketChannel(socket));
    });
  });
}
