import { connect, createServer, type Socket } from 'node:net';
import { noAnswer } from './dial-reason.ts';
import { createSharedBuffer, reading, readShared, type SharedBuffer, type SharedReader } from './shared-read.ts';
import { attach, keeper, listenOn, wrap } from './stream-connection.ts';
import type { ConnectionHandler, PeerConnection, Transport } from './transport.ts';

const connectTimeout = 10_000;

/**
 * TCP as the daemon speaks it: no handshake, no banner; both sides send packets at once.
 *
 * @param buffer what sockets read into, where the runtime can; null to have Node allocate for each read
 */
export function createTcpTransport(buffer: SharedBuffer | null = createSharedBuffer()): Transport {
  const accept = (
    accepted: Socket,
    hold: (socket: Socket) => boolean,
    handle: (connection: PeerConnection) => ConnectionHandler | null,
  ): void => {
    let handler: ConnectionHandler | null = null;
    const moved: Socket | null =
      buffer === null
        ? null
        : readShared(
            accepted,
            buffer,
            readerOf(() => handler),
          );
    const socket = moved ?? accepted;
    if (!hold(socket)) return;
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
        const reads =
          buffer === null
            ? null
            : reading(
                buffer,
                readerOf(() => handler),
              );
        const socket: Socket = connect({
          host: endpoint.host,
          port: endpoint.port,
          noDelay: true,
          ...(reads === null ? {} : { onread: reads.onread }),
        });
        if (reads !== null) socket.once('close', reads.end);
        socket.setTimeout(connectTimeout, () => socket.destroy(noAnswer()));
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
    listen(host, port, handle, admit) {
      const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => accept(socket, hold, handle));
      const { hold, close } = keeper(server, admit);
      return listenOn(server, host, port, close);
    },
  };
}

/** @param handler null until the connection stands */
function readerOf(handler: () => ConnectionHandler | null): SharedReader {
  return {
    take: (bytes, start, end, lease) => handler()?.data(bytes, start, end, lease),
    slow: () => handler()?.slow?.() ?? false,
    costly: () => handler()?.costly?.() ?? false,
    relays: () => handler()?.relays?.() ?? false,
  };
}
