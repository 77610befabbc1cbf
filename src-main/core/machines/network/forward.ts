import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { fail } from '#shared/rpc/fail.ts';

export interface Forward {
  readonly port: number;
  /** Bytes that went to the guest and came from it, through this listener. */
  counters(): { received: number; sent: number };
  close(): Promise<void>;
}

/** At most this many connections at once: a listener on loopback is open to every local program. */
const maxConnections = 64;

/**
 * Listen on loopback and pass every connection on to `dial`, counting bytes. Half-closed connections stay half closed, as SSH and
 * HTTP expect. @param preferred port to take when it is free; otherwise the system chooses one.
 */
export async function openForward(dial: () => Socket, preferred: number | null): Promise<Forward> {
  const open = new Set<Socket>();
  let received = 0;
  let sent = 0;
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (outside) => {
    const inside = dial();
    for (const socket of [outside, inside]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => open.delete(socket));
    }
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
    outside.on('data', (bytes: Buffer) => {
      received += bytes.length;
    });
    inside.on('data', (bytes: Buffer) => {
      sent += bytes.length;
    });
    outside.pipe(inside);
    inside.pipe(outside);
  });
  server.maxConnections = maxConnections;
  // No free file descriptor for a caller is no reason to end the agent.
  server.on('error', () => {});
  await listen(server, preferred);
  return {
    port: (server.address() as AddressInfo).port,
    counters: () => ({ received, sent }),
    close() {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(server: Server, preferred: number | null): Promise<void> {
  const tryPort = (port: number): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const refused = (error: NodeJS.ErrnoException): void => {
        server.off('listening', listening);
        if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
        else reject(error);
      };
      const listening = (): void => {
        server.off('error', refused);
        resolve(true);
      };
      server.once('error', refused);
      server.once('listening', listening);
      server.listen({ host: '127.0.0.1', port, exclusive: true });
    });
  if (preferred !== null && (await tryPort(preferred))) return;
  if (!(await tryPort(0))) throw fail('INTERNAL', 'No port for SSH is free on this computer.');
}

/** Connect and wait for the first bytes of an SSH server (RFC 4253 section 4.2: `SSH-2.0-...`). Never throws. */
export function sshGreets(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let head = '';
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
    socket.on('data', (bytes: Buffer) => {
      head += bytes.toString('latin1');
      if (head.length >= 4) end(head.startsWith('SSH-'));
    });
  });
}
