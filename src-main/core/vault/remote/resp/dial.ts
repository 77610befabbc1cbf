import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';

/** Opens one connection; `signal` aborts when it took too long, and then what was opened must be closed again. */
export type Dial = (signal: AbortSignal) => Promise<Duplex>;

/** `host` is a name, an IPv4 or an IPv6 address (`::1` or `[::1]`). */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** Over TCP of the system, without Nagle's delay: commands are gathered before they are written. */
export function dialTcp({ host, port }: TcpAddress): Dial {
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  return (signal) =>
    new Promise((resolve, reject) => {
      const socket = connectTcp({ host: bare, port, noDelay: true, keepAlive: true });
      const abort = (): void => void socket.destroy();
      const failed = (error?: Error): void => {
        signal.removeEventListener('abort', abort);
        socket.destroy();
        reject(error ?? new Error('the connection was closed'));
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      socket.once('error', failed);
      socket.once('close', failed);
      socket.once('connect', () => {
        signal.removeEventListener('abort', abort);
        socket.off('error', failed);
        socket.off('close', failed);
        resolve(socket);
      });
    });
}
