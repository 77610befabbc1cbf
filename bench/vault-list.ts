import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Benchmark, Contest } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { percentile } from './harness/search.ts';
import { median } from './harness/statistics.ts';
import { emptyVault } from './harness/vault.ts';
import { workplace } from './harness/workplace.ts';

const files = 100_000;
const limitMs = 100;
const pages = 40;

export const benchmark: Benchmark = {
  name: 'vault-list',
  about: `List a folder of 100,000 files, the 95th percentile in milliseconds; the limit is ${limitMs}.`,
  better: 'lower',
  rival: null,
  unit: 'ms',
  runs: 3,
  warmUp: false,
  async prepare() {
    const place = await workplace();
    const folder = place.path('many');
    await mkdir(folder);
    for (let i = 0; i < files; i += 1) await writeFile(path.join(folder, `photo ${i} of the year.dat`), `${i}`);
    const agent = await emptyVault(place.path('home'));
    const connection = await agent.connect();
    const { client } = connection;
    const stored = await agent.hypha(['vault', 'put', folder, '--json'], { withinMs: 3_600_000 });
    if (stored.code !== 0) throw new Error(stored.stderr);
    const list = async (sort: 'name' | 'size' | 'modified', offset: number, limit: number): Promise<number> => {
      const { seconds, value } = await timed(() => client['vault.list']({ folder: '/many', sort, offset, limit }));
      if (value.total !== files || value.items.length !== limit) throw new Error('The list is not whole.');
      return seconds * 1000;
    };
    const contest = (name: string, sort: 'name' | 'size' | 'modified', limit: number): Contest => ({
      name,
      async ours() {
        // Something changed, so that nothing made for the pages before is of use: what a person meets who comes back to a folder.
        await client['vault.makeFolder']({ parent: '/', name: `new ${Date.now()} ${Math.random()}` });
        const times: number[] = [];
        for (let page = 0; page < pages; page += 1)
          times.push(await list(sort, Math.floor(((files - limit) * page) / pages), limit));
        return {
          amount: percentile(times, 95),
          notes: { first: `${times[0]?.toFixed(1)} ms`, median: `${median(times).toFixed(1)} ms` },
        };
      },
      rival: null,
    });
    return {
      contests: [
        contest('200 by name', 'name', 200),
        contest('200 by date', 'modified', 200),
        contest('200 by size', 'size', 200),
      ],
      notes: [`${pages} pages of 200 rows a run, from all over the folder, over the local socket`],
      async close() {
        connection.close();
        await agent.stop();
        await place.close();
      },
    };
  },
};
