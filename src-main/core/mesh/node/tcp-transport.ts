import { connect, createServer, type Socket } from 'node:net';
import { asBytes } from '#core/crypto/bytes.ts';
import { onread, readShared, sharedReadBytes } from './shared-read.ts';
import type { Connection, ConnectionHandler, Transport } from './transport.ts';

const connectTimeout = 10_000;
/** The system looks whether a silent peer still lives; the protocol's own check comes first. */
const keepAlive = 30_000;

/**
 * TCP as the daemon speaks it: no handshake, no banner; both sides send packets at once.
 *
 * @param shared whether sockets read into one buffer, where the runtime can
 */
export function createTcpTransport(shared = true): Transport {
  const buffer = shared ? new Uint8Array(sharedReadBytes) : null;

  const accept = (accepted: Socket, handle: (connection: Connection) => ConnectionHandler | null): void => {
    let handler: ConnectionHandler | null = null;
    const take = (bytes: Uint8Array, start: number, end: number): void => handler?.data(bytes, start, end);
    const moved = buffer === null ? null : readShared(accepted, buffer, take);
    const socket = moved ?? accepted;
    handler = handle(wrap(socket));
    if (handler === null) {
      socket.destroy();
      return;
    }
    attach(socket, handler, moved !== null);
    if (moved === null) socket.resume();
  };

  return {
    connect(endpoint, handle) {
      return new Promise((resolve, reject) => {
        let handler: ConnectionHandler | null = null;
        const take = (bytes: Uint8Array, start: number, end: number): void => handler?.data(bytes, start, end);
        const socket = connect({
          host: endpoint.host,
          port: endpoint.port,
          noDelay: true,
          ...(buffer === null ? {} : { onread: onread(buffer, take) }),
        });
        socket.setTimeout(connectTimeout, () => socket.destroy(new Error('no answer in time')));
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          socket.setTimeout(0);
          const connection = wrap(socket);
          handler = handle(connection);
          attach(socket, handler, buffer !== null);
          resolve(connection);
        });
      });
    },
    listen(host, port, handle) {
      const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => accept(socket, handle));
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const address = server.address();
          resolve({
            port: typeof address === 'object' && address !== null ? address.port : port,
            close: () => new Promise((closed) => server.close(() => closed())),
          });
        });
      });
    },
  };
}

function attach(socket: Socket, handler: ConnectionHandler, readsShared: boolean): void {
  socket.setKeepAlive(true, keepAlive);
  // Plain bytes from here on: a Buffer's `slice` is a view, where everything above relies on a copy.
  if (!readsShared) socket.on('data', (chunk: Buffer) => handler.data(asBytes(chunk), 0, chunk.length));
  socket.on('drain', () => handler.drained());
  // Why a connection ended is told by nothing but its end.
  socket.on('error', () => {});
  socket.on('close', () => handler.closed());
  socket.on('end', () => socket.destroy());
}

function wrap(socket: Socket): Connection {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const v6 = address.includes(':');
  return {
    remote: `${v6 ? `[${address}]` : address}:${socket.remotePort ?? 0}`,
    staticCost: v6 ? 10 : 15,
    write: (bytes, done) => void socket.write(bytes, done),
    buffered: () => socket.writableLength,
    close: () => socket.destroy(),
  };
}
