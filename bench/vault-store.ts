import { readAll } from './data-sets/data-set.ts';
import type { Benchmark, Contest } from './harness/benchmark.ts';
import { restic, resticVersion } from './harness/restic.ts';
import { emptyVault, put, vaultData } from './harness/vault.ts';
import { peakMemory, settleDisk, workplace } from './harness/workplace.ts';

export const benchmark: Benchmark = {
  name: 'vault-store',
  about: 'Store 1 GiB of mixed files and 1 GiB of random bytes in an empty vault, against restic backup.',
  better: 'higher',
  rival: 'restic',
  runs: 3,
  warmUp: false,
  async prepare(options) {
    const version = await resticVersion();
    const place = await workplace();
    const contests = (await vaultData(options)).map(
      (data): Contest => ({
        name: data.name,
        async ours() {
          const agent = await emptyVault(place.path('ours'));
          try {
            await ready(data.folder);
            const seconds = await put(agent, data);
            const memory = await peakMemory(agent.pid);
            return { seconds, notes: { ...(memory === null ? {} : { 'peak memory of the agent': memory }) } };
          } finally {
            await agent.stop();
            await place.clear('ours');
          }
        },
        async rival() {
          const repository = restic(version, place.path('restic'), place.path('cache'));
          await repository.init();
          await ready(data.folder);
          const seconds = await repository.backup(data.folder);
          await place.clear('restic');
          await place.clear('cache');
          return { seconds };
        },
      }),
    );
    return {
      contests,
      notes: [
        `restic ${version} with its defaults (new repository each run); hypha vault put into 4+2 places on the same disk`,
        'sources are in the page cache for both; both end when their data is on the disk (fsync)',
        'restic’s time includes opening its repository with the password; our agent is unlocked before',
      ],
      close: () => place.close(),
    };
  },
};

async function ready(folder: string): Promise<void> {
  await readAll(folder);
  await settleDisk();
}
