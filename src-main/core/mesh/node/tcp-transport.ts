import { connect, createServer, type Socket } from 'node:net';
import { asBytes } from '#core/crypto/bytes.ts';
import type { Connection, ConnectionHandler, Transport } from './transport.ts';

const connectTimeout = 10_000;
/** RFC 5482 in spirit: the system looks whether a silent peer still lives; the protocol's own check comes first. */
const keepAlive = 30_000;

/** TCP as the daemon speaks it: no handshake, no banner; both sides send packets at once. */
export function createTcpTransport(): Transport {
  return {
    connect(endpoint, handler) {
      return new Promise((resolve, reject) => {
        const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
        socket.setTimeout(connectTimeout, () => socket.destroy(new Error('no answer in time')));
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          socket.setTimeout(0);
          const connection = wrap(socket);
          attach(socket, handler(connection));
          resolve(connection);
        });
      });
    },
    listen(host, port, accept) {
      const server = createServer({ noDelay: true }, (socket) => {
        const handler = accept(wrap(socket));
        if (handler === null) socket.destroy();
        else attach(socket, handler);
      });
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

function attach(socket: Socket, handler: ConnectionHandler): void {
  socket.setKeepAlive(true, keepAlive);
  // Plain bytes from here on: a Buffer's `slice` is a view, where everything above relies on a copy.
  socket.on('data', (chunk: Buffer) => handler.data(asBytes(chunk), 0, chunk.length));
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
