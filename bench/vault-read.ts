import path from 'node:path';
import type { DataSet } from './data-sets/data-set.ts';
import type { Benchmark, Contest } from './harness/benchmark.ts';
import { restic, resticVersion } from './harness/restic.ts';
import { treeHash } from './harness/tree.ts';
import { emptyVault, put, takeOut, vaultData } from './harness/vault.ts';
import { peakMemory, settleDisk, type Workplace, workplace } from './harness/workplace.ts';

export const benchmark: Benchmark = {
  name: 'vault-read',
  about: 'Write 1 GiB of mixed files and 1 GiB of random bytes back out of the vault, against restic restore.',
  better: 'higher',
  rival: 'restic',
  runs: 3,
  warmUp: false,
  async prepare(options) {
    const version = await resticVersion();
    const place = await workplace();
    const stops: (() => Promise<void>)[] = [];
    const close = async () => {
      for (const stop of stops) await stop();
      await place.close();
    };
    try {
      const contests: Contest[] = [];
      for (const data of await vaultData(options)) {
        const agent = await emptyVault(place.path(`ours-${data.name}`));
        stops.push(() => agent.stop());
        await put(agent, data);
        const repository = restic(version, place.path(`restic-${data.name}`), place.path('cache'));
        await repository.init();
        await repository.backup(data.folder);
        const wanted = await treeHash(data.folder);
        const item = `/${path.basename(data.folder)}`;
        contests.push({
          name: data.name,
          async ours() {
            await settleDisk();
            const seconds = await takeOut(agent, item, place.path('out'));
            await same(place, data, path.join('out', path.basename(data.folder)), wanted);
            const memory = await peakMemory(agent.pid);
            return { seconds, notes: { ...(memory === null ? {} : { 'peak memory of the agent': memory }) } };
          },
          async rival() {
            await settleDisk();
            const seconds = await repository.restore(place.path('out'));
            await same(place, data, 'out', wanted);
            return { seconds };
          },
        });
      }
      return {
        contests,
        notes: [
          `restic ${version} restore and hypha vault export to a new directory on the same disk; every tree is compared after`,
          'repository and places are in the page cache for both',
          'restic’s time includes opening its repository with the password; our agent is unlocked before',
        ],
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};

/** Compare what was written out with the data set, then clear it away. */
async function same(place: Workplace, data: DataSet, folder: string, wanted: string): Promise<void> {
  const found = await treeHash(place.path(folder));
  await place.clear('out');
  if (found !== wanted) throw new Error(`What came back of ${data.name} is not what was stored.`);
}
