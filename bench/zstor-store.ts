import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { taskResult } from '../e2e/harness/agent.ts';
import { mustRun } from '../e2e/harness/program.ts';
import { password, type RealZdb, startRealZdb } from '../src-main/core/vault/zstor/interop/real-zdb.ts';
import { configText } from '../src-main/core/vault/zstor/testing/config-text.ts';
import { type Benchmark, type Contest, Unavailable } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { emptyVault, vaultData } from './harness/vault.ts';
import { peakMemory, settleDisk, type Workplace, workplace } from './harness/workplace.ts';

const hour = 3_600_000;

export const benchmark: Benchmark = {
  name: 'zstor-store',
  about:
    'Write one file of 1 GiB, mixed and random, in zstor’s format to real 0-dbs, against the real zstor (ZSTOR_BIN, ZDB_BIN).',
  better: 'higher',
  rival: 'zstor',
  runs: 3,
  warmUp: false,
  async prepare(options) {
    const { ZSTOR_BIN: zstor = '', ZDB_BIN: zdb = '' } = process.env;
    if (zstor === '' || zdb === '') {
      throw new Unavailable(
        'The real zstor and 0-db are needed. Name them: ZSTOR_BIN=FILE ZDB_BIN=FILE npm run bench -- zstor-store',
      );
    }
    const place = await workplace();
    const contests: Contest[] = [];
    for (const data of await vaultData(options)) {
      const file = place.path(`${data.name}.bin`);
      await joinFiles(data.folder, file);
      contests.push({
        name: data.name,
        async ours() {
          const agent = await emptyVault(place.path('ours'));
          const storage = await startStorage(zdb, place);
          try {
            await mustWork(agent.hypha(['vault', 'put', file, '--json'], { withinMs: hour }));
            await settleDisk();
            const connection = await agent.connect();
            const name = path.basename(file);
            // By a person's own connection: at the command line somebody would have to allow it.
            const { seconds } = await timed(async () => {
              const input = { items: [name], config: storage.config, as: `/${name}` };
              await taskResult(connection.client, await connection.client['vault.exportZstor'](input));
            });
            connection.close();
            const memory = await peakMemory(agent.pid);
            return { seconds, notes: { ...(memory === null ? {} : { 'peak memory of the agent': memory }) } };
          } finally {
            await agent.stop();
            await storage.stop();
            await place.clear('ours');
          }
        },
        async rival() {
          const storage = await startStorage(zdb, place);
          try {
            await readFile(file);
            await settleDisk();
            const words = ['-c', storage.config, '--log_file', place.path('zstor.log'), 'store', '-f', file];
            const { seconds } = await timed(() => mustRun(zstor, words, { withinMs: hour }));
            return { seconds };
          } finally {
            await storage.stop();
          }
        },
      });
    }
    return {
      contests,
      notes: [
        '4+2 shards on six 0-dbs of their own on loopback, four of which keep the metadata; all new for each run',
        'ours reads the file out of an unlocked vault of 4+2 places (in the page cache), zstor the file itself',
        'both end when the record is acknowledged; the 0-dbs do not sync',
      ],
      close: () => place.close(),
    };
  },
};

/** All files of a folder, one after the other, as one. */
async function joinFiles(folder: string, target: string): Promise<void> {
  const out = createWriteStream(target);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(path.join(entry.parentPath, entry.name));
    if (!out.write(bytes)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

async function startStorage(zdb: string, place: Workplace): Promise<{ config: string; stop(): Promise<void> }> {
  const servers: RealZdb[] = [];
  for (let i = 0; i < 6; i++) {
    servers.push(await startRealZdb(zdb, place.path(`zdb/${i}`), { meta: 'user', data: 'seq' }));
  }
  const at = (namespace: string) => servers.map(({ port }) => ({ port, namespace, password }));
  const key = new Uint8Array(32).fill(7);
  const config = place.path('zstor.toml');
  await writeFile(config, configText({ k: 4, parity: 2, key, metadata: at('meta').slice(0, 4), groups: [at('data')] }));
  return {
    config,
    async stop() {
      await Promise.all(servers.map((server) => server.kill()));
      await place.clear('zdb');
    },
  };
}

async function mustWork(ending: Promise<{ code: number | null; stdout: string; stderr: string }>): Promise<void> {
  const { code, stdout, stderr } = await ending;
  if (code !== 0) throw new Error(`hypha ended with ${code}: ${stderr}${stdout}`);
}
