import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { silentLog } from '#core/testing/silent-log.ts';
import { noise } from '../../testing/harness.ts';
import { configText } from '../../zstor/testing/config-text.ts';
import { connectRaw } from '../testing/raw-client.ts';
import { type ServerThread, startServerThread } from '../thread/server-thread.ts';

/* The real zstor (ZSTOR_BIN), several at once, on storage lent by three of our servers that others load meanwhile. */
const zstor = process.env.ZSTOR_BIN ?? '';
if (zstor === '') console.log('skipped: several zstor on loaded servers of ours, because ZSTOR_BIN names none');

const password = 'interop 5QX2M7KD';
const maxsize = 2 ** 30;

it.skipIf(zstor === '')(
  'several zstor at once store and read while others replace values, also after the threads were ended',
  async () => {
    const top = await mkdtemp(join(tmpdir(), 'hypha-zstor-load-'));
    const workers: Worker[] = [];
    const start = (name: string, localPort: number | null): Promise<ServerThread> =>
      startServerThread(
        { directory: join(top, name), localPort, datasize: 4 << 20, connections: 64, memory: 1 << 26 },
        { log: silentLog, setTimer: () => () => {}, died: () => {}, made: (worker) => void workers.push(worker) },
      );
    const names = ['a', 'b', 'c'];
    let servers = await Promise.all(names.map((name) => start(name, null)));
    const ports = servers.map(({ localPort }) => localPort);
    let loading = true;
    try {
      for (const { call } of servers) {
        for (const [name, mode] of [
          ['meta', 'user'],
          ['data', 'seq'],
          ['others', 'user'],
        ] as const) {
          expect(await call.create(name, { mode, password, maxsize })).toBe(null);
        }
      }
      const at = (namespace: string) => ports.map((port) => ({ port, namespace, password }));
      // zstor wants four places for its metadata; two of one server will do.
      const metadata = [...at('meta'), { port: ports[0] ?? 0, namespace: 'others', password }];
      const config = join(top, 'zstor.toml');
      await writeFile(config, configText({ k: 2, parity: 1, key: noise(32, 8), metadata, groups: [at('data')] }));
      const run = (...words: string[]) =>
        promisify(execFile)(zstor, ['-c', config, '--log_file', join(top, 'log'), ...words], { cwd: top });
      const others = ports.map(async (port) => {
        const client = await connectRaw(port);
        await client.say('SELECT', 'others', password);
        let stored = 0;
        for (let i = 0; loading; i++) {
          const value = `${i} `.repeat(30_000);
          const answers = await Promise.all([0, 1, 2, 3].map((key) => client.say('SET', `load ${key}`, value)));
          expect(answers.every((answer) => answer.startsWith('$6|load '))).toBe(true);
          stored += answers.length;
        }
        client.close();
        return stored;
      });
      const files = Array.from({ length: 12 }, (_, i) => ({
        path: join(top, `${i}.bin`),
        bytes: noise(2_500_000 + i, i),
      }));
      await Promise.all(
        [0, 1, 2, 3].map(async (lane) => {
          for (const { path, bytes } of files.filter((_, i) => i % 4 === lane)) {
            await writeFile(path, bytes);
            await run('store', '-f', path);
            await rm(path);
          }
        }),
      );
      loading = false;
      for (const stored of await Promise.all(others)) expect(stored).toBeGreaterThan(0);
      await Promise.all(workers.map((worker) => worker.terminate()));
      servers = await Promise.all(names.map((name, i) => start(name, ports[i] ?? null)));
      expect(servers.map(({ localPort }) => localPort)).toEqual(ports);
      for (const { path, bytes } of files) {
        await run('retrieve', '-f', path);
        expect((await readFile(path)).equals(bytes)).toBe(true);
      }
    } finally {
      loading = false;
      await Promise.all(servers.map((server) => server.close()));
      await rm(top, { recursive: true, force: true });
    }
  },
  120_000,
);
