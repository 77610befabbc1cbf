import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { fail } from '#shared/rpc/fail.ts';
import { byteStreamTransport } from '#shared/rpc/transports/byte-stream.ts';
import { type Connections, decideLocal } from './connections.ts';

export interface LocalSocket {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serve the contract on the local socket: a 0600 unix socket in a 0700 directory, or a named pipe. Called by the owner
 * of the data directory only, so a socket found at the address is left over from a crash and is replaced.
 */
export async function serveLocalSocket(address: string, connections: Connections): Promise<LocalSocket> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (connections.add(byteStreamTransport(socket), decideLocal) === null) socket.destroy();
  });
  if (process.platform !== 'win32') {
    const found = await lstat(address).catch(() => null);
    if (found && !found.isSocket()) {
      throw fail('BAD_RUNTIME_DIRECTORY', `${address} exists and is no socket.`, { next: 'Remove it.' });
    }
    await rm(address, { force: true });
  }
  // Between listen and chmod the 0700 directory keeps others out. A umask would hold for the whole process meanwhile.
  await listen(server, address);
  if (process.platform !== 'win32') await chmod(address, 0o600);
  return {
    address,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // What was sent has gone to the kernel; who does not hang up is hung up on.
      for (const socket of sockets) socket.destroySoon();
      await closed;
    },
  };
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
