import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { RemoteDeps } from '../deps.ts';
import { connect, type RespClient, type RespSession } from '../resp/client.ts';
import { usualLimits } from '../resp/decode.ts';
import { type Dial, dialTcp } from '../resp/dial.ts';
import { ConnectionError } from '../resp/reply.ts';
import { typed } from './errors.ts';

export interface RedisOptions {
  /** A name, an IPv4 or an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** 0 where none is given. */
  readonly database?: number | undefined;
  /** Who `password` is for; without it the server's own (`requirepass`). */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: RedisTls | undefined;
}

export interface RedisTls {
  /** Certificates to trust instead of those the system trusts, PEM. */
  readonly ca?: string | undefined;
  /** The name that the server's certificate must have; `host` where none is given. */
  readonly serverName?: string | undefined;
}

const mib = 1024 * 1024;
const limits = { ...usualLimits, bulk: 32 * mib };

export function connectRedis(options: RedisOptions, { host, dial, patience }: RemoteDeps): RespClient {
  const plain = dial ?? dialTcp(options);
  return connect(
    { dial: options.tls ? dialTls(plain, options.tls, options.host) : plain },
    {
      ...patience,
      setTimer: host.setTimer,
      limits,
      inFlightBytes: 32 * mib,
      greet: (session) => greet(session, options),
    },
  );
}

async function greet(session: RespSession, { user, password, database = 0 }: RedisOptions): Promise<void> {
  try {
    if (password !== undefined) {
      await (user === undefined ? session.command('AUTH', password) : session.command('AUTH', user, password));
    }
    if (database !== 0) await session.command('SELECT', database);
  } catch (error) {
    throw typed(error);
  }
}

/** TLS inside whatever `dial` opens. The server must show a certificate for its name that is trusted. */
function dialTls(dial: Dial, { ca, serverName }: RedisTls, host: string): Dial {
  const name = serverName ?? host.replace(/^\[(.*)\]$/, '$1');
  return async (signal) => {
    const stream = await dial(signal);
    return new Promise<Duplex>((resolve, reject) => {
      const secure: TLSSocket = connectTls({
        socket: stream,
        minVersion: 'TLSv1.2',
        host: name,
        ...(isIP(name) === 0 ? { servername: name } : {}),
        ...(ca === undefined ? {} : { ca }),
      });
      const abort = (): void => void secure.destroy(new Error('it took too long'));
      const failed = (error?: NodeJS.ErrnoException): void => {
        signal.removeEventListener('abort', abort);
        secure.destroy();
        stream.destroy();
        const broke = signal.aborted || error?.code === undefined || /^E[A-Z]+$/.test(error.code);
        reject(broke ? error : new ConnectionError('protocol', `No safe connection to the server: ${error.message}.`));
      };
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      secure.once('error', failed);
      secure.once('close', failed);
      secure.once('secureConnect', () => {
        signal.removeEventListener('abort', abort);
        secure.off('error', failed);
        secure.off('close', failed);
        resolve(secure);
      });
    });
  };
}
