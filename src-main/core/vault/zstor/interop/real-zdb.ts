import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setRealTimer } from '../../remote/testing/real-timer.ts';
import { connectZdb } from '../../remote/zdb/client.ts';

/** A real 0-db on loopback with namespaces of its own. */
export interface RealZdb {
  readonly port: number;
  isUp(): boolean;
  kill(): Promise<void>;
}

export const password = 'interop';
/** How often a port is tried that somebody else may take between our asking for it and the 0-db's start. */
const attempts = 5;

/** @param namespaces names, each with its mode @param binary a 0-db 2.0.7 */
export async function startRealZdb(
  binary: string,
  directory: string,
  namespaces: Readonly<Record<string, 'user' | 'seq'>>,
): Promise<RealZdb> {
  await mkdir(directory, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const child = spawn(
      binary,
      [
        '--listen',
        '127.0.0.1',
        '--port',
        String(port),
        '--data',
        join(directory, 'data'),
        '--index',
        join(directory, 'index'),
        '--admin',
        'adm',
      ],
      { stdio: 'ignore' },
    );
    try {
      await ready(port, child);
      await prepare(port, namespaces);
      return {
        port,
        isUp: () => child.exitCode === null && child.signalCode === null,
        async kill() {
          if (child.exitCode !== null || child.signalCode !== null) return;
          child.kill('SIGKILL');
          await once(child, 'exit');
        },
      };
    } catch (error) {
      child.kill('SIGKILL');
      if (attempt === attempts) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** It says nothing when it listens: asked until it answers, or ends. */
async function ready(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the 0-db ended');
    const client = connectZdb({ host: '127.0.0.1', port }, { setTimer: setRealTimer, connectMs: 1000 });
    const up = await client.ping().then(
      () => true,
      () => false,
    );
    await client.close();
    if (up) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function prepare(port: number, namespaces: Readonly<Record<string, 'user' | 'seq'>>): Promise<void> {
  const admin = connectZdb({ host: '127.0.0.1', port }, { setTimer: setRealTimer });
  await admin.command('AUTH', 'adm');
  for (const [name, mode] of Object.entries(namespaces)) {
    await admin.command('NSNEW', name);
    await admin.command('NSSET', name, 'mode', mode);
    await admin.command('NSSET', name, 'password', password);
    await admin.command('NSSET', name, 'public', '0');
  }
  await admin.close();
}
