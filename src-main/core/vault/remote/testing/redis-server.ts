import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../resp/client.ts';
import { setRealTimer } from './real-timer.ts';

/** In Debian's redis-tools the server is there under another name: it is one program that looks at what it was called. */
const programs = ['redis-server', 'redis-check-rdb', 'valkey-server', 'valkey-check-rdb'];
const program = programs.find((name) => spawnSync(name, ['--version'], { argv0: 'redis-server' }).status === 0);

/** Why there is no Redis server to test with; undefined where there is one. */
export const noRedis: string | undefined = program ? undefined : 'no Redis server here (Debian: redis-tools)';

export interface RedisServer {
  readonly port: number;
  readonly directory: string;
  /** As by a power cut of the server's program. */
  kill(): Promise<void>;
  /** On the same port with the same data. */
  restart(): Promise<void>;
  /** Of the system's choice, for one more thing to listen on. */
  freePort(): Promise<number>;
  end(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A real server on a loopback port of the system's choice, with its files in a directory of its own. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  if (!program) throw new Error(noRedis);
  const directory = await mkdtemp(join(tmpdir(), 'hypha-redis-'));
  let child: ChildProcess | null = null;
  let port = 0;

  const start = async (at: number): Promise<boolean> => {
    const args = ['--port', String(at), '--bind', '127.0.0.1', '--dir', directory, '--logfile', 'log', ...settings];
    const started = spawn(program, args, { argv0: 'redis-server', stdio: 'ignore', cwd: directory });
    child = started;
    const client = connect({ host: '127.0.0.1', port: at }, { setTimer: setRealTimer });
    try {
      // Until it answers, whatever it answers; or it ended, because somebody else took the port.
      while (started.exitCode === null && started.signalCode === null) {
        const answer = await client.command('PING').then(
          () => 'yes',
          (error: unknown) => ((error as { name?: string }).name === 'ReplyError' ? String(error) : 'no'),
        );
        if (answer !== 'no' && !answer.includes('LOADING')) return true;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return false;
    } finally {
      await client.close();
    }
  };
  const kill = async (): Promise<void> => {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.kill('SIGKILL');
    await once(running, 'exit');
  };

  for (let tries = 0; ; tries++) {
    port = await freePort();
    if (await start(port)) break;
    if (tries < 5) continue;
    await rm(directory, { recursive: true, force: true });
    throw new Error('the Redis server does not start');
  }
  return {
    port,
    directory,
    kill,
    freePort,
    async restart() {
      await kill();
      if (!(await start(port))) throw new Error('the Redis server does not start again');
    },
    async end() {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
