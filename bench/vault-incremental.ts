import { cp, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { AgentClient } from '#shared/contract/agent.ts';
import { readAll } from './data-sets/data-set.ts';
import { streamOf } from './data-sets/stream.ts';
import type { Benchmark, Contest } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { restic, resticVersion } from './harness/restic.ts';
import { emptyVault, vaultData } from './harness/vault.ts';
import { settleDisk, workplace } from './harness/workplace.ts';

/** Of the bytes: files that hold so many together are changed before each run. */
const share = 0.01;
/** A watched folder leaves files alone that were written to a moment ago. */
const restMs = 15_000;

export const benchmark: Benchmark = {
  name: 'vault-incremental',
  about: 'Take in what changed in 1 GiB of which 1 % changed, by a watched folder, against restic backup.',
  better: 'higher',
  rival: 'restic',
  runs: 3,
  warmUp: false,
  async prepare(options) {
    const version = await resticVersion();
    const place = await workplace();
    const stops: (() => Promise<void>)[] = [];
    const close = async (): Promise<void> => {
      for (const stop of stops) await stop();
      await place.close();
    };
    try {
      const contests: Contest[] = [];
      for (const data of await vaultData(options)) {
        const [here, there] = [place.path(`${data.name}-ours`), place.path(`${data.name}-theirs`)];
        for (const folder of [here, there])
          await cp(data.folder, folder, { recursive: true, preserveTimestamps: true });
        const agent = await emptyVault(place.path(`home-${data.name}`));
        stops.push(() => agent.stop());
        const connection = await agent.connect();
        stops.push(async () => connection.close());
        const { client } = connection;
        const { watched } = await client['vault.watch']({ directory: here, folder: 'root' });
        await agreed(client, watched.id, 0);
        const repository = restic(version, place.path(`restic-${data.name}`), place.path('cache'));
        await repository.init();
        await repository.backup(there);
        contests.push({
          name: data.name,
          async ours(run) {
            await client['vault.changeWatched']({ watched: watched.id, paused: true });
            await change(here, data.bytes, run);
            await rest();
            await readAll(here);
            const began = Date.now();
            const { seconds } = await timed(async () => {
              await client['vault.changeWatched']({ watched: watched.id, paused: false });
              await agreed(client, watched.id, began);
            });
            return { seconds };
          },
          async rival(run) {
            await change(there, data.bytes, run);
            await rest();
            await readAll(there);
            return { seconds: await repository.backup(there) };
          },
        });
      }
      return {
        contests,
        notes: [
          `files of ${share * 100} % of the bytes get 100 other bytes in the middle before each run, the same for both`,
          `restic ${version} backup with its defaults; a watched folder that goes on after a pause, until both sides agree and all is durable`,
          'sources are in the page cache for both; restic’s time includes opening its repository with the password',
        ],
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

async function agreed(client: AgentClient, id: string, since: number): Promise<void> {
  for (;;) {
    const { folders } = await client['vault.watched']({});
    const found = folders.find((one) => one.id === id);
    if (found === undefined || found.problem !== undefined)
      throw new Error(found?.problem?.text ?? 'It is not watched.');
    if (found.state === 'current' && (found.agreedAt ?? 0) >= since && found.files > 0) return;
    await new Promise((done) => setTimeout(done, 10));
  }
}

async function change(folder: string, bytes: number, run: number): Promise<void> {
  const stream = streamOf(`hypha bench change ${run}`);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  for (let left = bytes * share; left > 0; ) {
    const [target] = files.splice(stream.between(0, files.length - 1), 1);
    if (target === undefined) return;
    const { size } = await stat(target);
    const file = await open(target, 'r+');
    await file.write(stream.bytes(Math.min(100, size)), 0, Math.min(100, size), Math.floor(size / 2));
    await file.close();
    left -= size;
  }
}

async function rest(): Promise<void> {
  await settleDisk();
  await new Promise((done) => setTimeout(done, restMs));
}
