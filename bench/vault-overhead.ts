import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type DataSet, dataSet, readAll } from './data-sets/data-set.ts';
import { streamOf } from './data-sets/stream.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { emptyVault, put } from './harness/vault.ts';
import { bytesBelow, workplace } from './harness/workplace.ts';

const needed = 4;
const parity = 2;
const files = 8000;
const limit = 2;

export const benchmark: Benchmark = {
  name: 'vault-overhead',
  about: `What the places hold beyond the 1.5 times that 4+2 costs, in percent of the files; the limit is ${limit}.`,
  better: 'lower',
  rival: null,
  unit: '%',
  runs: 1,
  warmUp: false,
  async prepare(options) {
    const place = await workplace();
    const large = await dataSet('random', options.size ?? 1024 ** 3);
    const many = await filesOfAllSizes(place.path('files'));
    return {
      contests: [large, many].map((data) => ({
        name: `${data.files} files, ${(data.bytes / 1e6).toFixed(0)} MB`,
        async ours() {
          const agent = await emptyVault(place.path('ours'));
          try {
            await put(agent, data);
            const connection = await agent.connect();
            const { places } = await connection.client['vault.places']({});
            connection.close();
            // What it still has to write down of itself, it does before it ends.
            await agent.stop();
            let held = 0;
            for (const { path: directory } of places) held += await bytesBelow(directory);
            const parities = (data.bytes * (needed + parity)) / needed;
            const notes = { given: `${data.bytes} bytes`, 'in all places': `${held} bytes` };
            return { amount: ((held - parities) / data.bytes) * 100, notes };
          } finally {
            await agent.stop();
            await place.clear('ours');
          }
        },
        rival: null,
      })),
      notes: [
        `${needed}+${parity} over six directories; random bytes, which no compression and no duplicate makes fewer`,
        'what is beyond: checksums, padding, row of each file, the catalogue and its copies in every place',
      ],
      close: () => place.close(),
    };
  },
};

async function filesOfAllSizes(folder: string): Promise<DataSet> {
  const stream = streamOf('hypha bench sizes 1');
  for (let i = 0; i < files; i++) {
    const below = path.join(folder, `${i % 100}`);
    if (i < 100) await mkdir(below, { recursive: true });
    await writeFile(path.join(below, `note ${i}.bin`), stream.bytes(stream.logBetween(200, 1024 * 1024)));
  }
  return { name: 'sizes', folder, ...(await readAll(folder)) };
}
