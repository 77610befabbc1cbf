import type { Server, Socket } from 'node:net';
import { asBytes } from '#core/crypto/bytes.ts';
import { ownBytes } from './read-buffers.ts';
import type { Admit, ConnectionHandler, PeerConnection } from './transport.ts';

/* What TCP and TLS sockets have in common as carriers of links. */

/** The system looks whether a silent peer still lives; the protocol's own check comes first. */
const keepAlive = 30_000;

/** @param readsShared whether the socket reads into a shared buffer, and so tells its reader itself */
export function attach(socket: Socket, handler: ConnectionHandler, readsShared = false): void {
  socket.setKeepAlive(true, keepAlive);
  // Plain bytes from here on: a Buffer's `slice` is a view, where everything above relies on a copy.
  if (!readsShared) socket.on('data', (chunk: Buffer) => handler.data(asBytes(chunk), 0, chunk.length, ownBytes));
  socket.on('drain', () => handler.drained());
  // Why a connection ended is told by nothing but its end.
  socket.on('error', () => {});
  socket.on('close', () => handler.closed());
  socket.on('end', () => socket.destroy());
}

export function wrap(socket: Socket): PeerConnection {
  const address = plain(socket.remoteAddress);
  const v6 = address.includes(':');
  return {
    remote: `${v6 ? `[${address}]` : address}:${socket.remotePort ?? 0}`,
    local: plain(socket.localAddress).replace(/%.*$/, ''),
    staticCost: v6 ? 10 : 15,
    write(bytes, done) {
      socket.write(bytes, done);
      // What counts as waiting is counted until the system has it, also while the socket is being closed.
      return socket.writableLength === 0;
    },
    buffered: () => socket.writableLength,
    close: () => socket.destroy(),
    pause: () => void socket.pause(),
    resume() {
      if (!socket.destroyed) socket.resume();
    },
  };
}

/** An IPv4 address as such, also where the socket is an IPv6 one. */
function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '');
}

/** Start listening. @returns the port, where 0 asked for any, with `close` beside it @throws the system's error */
export function listenOn(server: Server, host: string, port: number, close: () => Promise<void>) {
  return new Promise<{ port: number; close(): Promise<void> }>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve({ port: typeof address === 'object' && address !== null ? address.port : port, close });
    });
  });
}

/**
 * Lets in who may come, and closes a server and whatever is left of its connections, also those that never got as far as being
 * a link.
 */
export function keeper(server: Server, admit: Admit = () => () => {}) {
  const open = new Set<Socket>();
  return {
    /** @returns false when the connection is not to be, and is ended already */
    hold(socket: Socket): boolean {
      const leave = admit(plain(socket.remoteAddress));
      if (leave === null) {
        // A handshake that began may complain.
        socket.on('error', () => {});
        socket.destroy();
        return false;
      }
      open.add(socket);
      socket.once('close', () => {
        open.delete(socket);
        leave();
      });
      return true;
    },
    close: (): Promise<void> =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of open) socket.destroy();
      }),
  };
}
