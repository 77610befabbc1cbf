import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Benchmark } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { indexed, textFiles } from './harness/search.ts';
import { emptyVault } from './harness/vault.ts';
import { workplace } from './harness/workplace.ts';

const files = 10_000;

export const benchmark: Benchmark = {
  name: 'index-incremental',
  about: 'Change one of 10,000 files: how many the search index reads anew; the limit is 1.',
  better: 'lower',
  rival: null,
  unit: 'files',
  runs: 3,
  warmUp: false,
  async prepare() {
    const place = await workplace();
    const folder = place.path('letters');
    await textFiles(folder, files, 1000);
    const agent = await emptyVault(place.path('home'));
    const connection = await agent.connect();
    const { client } = connection;
    const put = async (what: string, into: string): Promise<void> => {
      const args = ['vault', 'put', what, '--into', into, '--clash', 'replace', '--json'];
      const ended = await agent.hypha(args, { withinMs: 3_600_000 });
      if (ended.code !== 0) throw new Error(ended.stderr);
    };
    await put(folder, '/');
    const all = await timed(() => indexed(client, files));
    let read = all.value.read;
    if (read !== files) throw new Error(`The index read ${read} files, not ${files}.`);
    return {
      contests: [
        {
          name: 'one of 10,000 changed',
          async ours(run) {
            const changed = path.join(folder, 'letters 007', `letter ${3500 + run}.txt`);
            await writeFile(changed, `a new sentence about heron${run}`);
            await put(changed, '/letters/letters 007');
            const { seconds, value } = await timed(() => indexed(client, files + run + 1));
            const amount = value.read - read;
            read = value.read;
            const { total } = await client['vault.search']({ query: `heron${run}` });
            if (total !== 1) throw new Error(`The new words were found ${total} times.`);
            return {
              amount,
              notes: {
                'in the index after': `${seconds.toFixed(1)} s, of which 2 s of quiet`,
                'all 10,000 after': `${all.seconds.toFixed(1)} s`,
              },
            };
          },
          rival: null,
        },
      ],
      notes: ['the file it took the place of lies in the bin, and stays in the index'],
      async close() {
        connection.close();
        await agent.stop();
        await place.close();
      },
    };
  },
};
