import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { fail } from '#shared/rpc/fail.ts';
import { cancelled, refused } from '../errors.ts';
import type { Dialer, Listener } from './ports.ts';

/** A listener on loopback is open to every program of this computer: this many connections at once are enough. */
const maxConnections = 256;

/** Accepts connections at 127.0.0.1. @param port 0 lets the system choose, which nobody else can guess beforehand. */
export function loopbackListener(port: number): Listener {
  return {
    async listen(accept) {
      const open = new Set<Socket>();
      const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket) => {
        open.add(socket);
        socket.on('close', () => open.delete(socket));
        socket.on('error', () => {});
        accept(socket, { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
      });
      server.maxConnections = maxConnections;
      await listening(server, port);
      // No free file descriptor for a caller is no reason to end the agent.
      server.on('error', () => {});
      return {
        port: (server.address() as AddressInfo).port,
        close() {
          for (const socket of open) socket.destroy();
          return new Promise((resolve) => server.close(() => resolve()));
        },
      };
    },
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? taken(port) : error),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** Dials this computer's loopback only, whatever host is asked for: what is exposed is a service of ours. */
export const loopbackDialer: Dialer = {
  dial({ port }, signal) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
      const settle = (act: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        socket.off('error', onError);
        act();
      };
      const onAbort = (): void => {
        socket.destroy();
        settle(() => reject(cancelled()));
      };
      const onError = (): void => settle(() => reject(refused()));
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);
      socket.once('error', onError);
      socket.once('connect', () => settle(() => resolve(socket)));
    });
  },
};

const taken = (port: number) =>
  fail('IN_USE', `Port ${port} of this computer cannot be used: another program has it, or may alone.`, {
    next: 'Choose another port, or leave it out for a free one.',
  });
