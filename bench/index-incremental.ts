import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { systemRandom } from '#core/crypto/random.ts';
import { createVault } from '#core/vault/index.ts';
import { quietLog, testContext, testKeys } from '#core/vault/testing/harness.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { timed } from './harness/clock.ts';
import { textFiles } from './harness/search.ts';
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
    const home = place.path('home');
    await mkdir(home);
    const vault = createVault({
      host: {
        shell: 'test',
        now: Date.now,
        random: systemRandom,
        setTimer: (ms, fire) => {
          const timer = setTimeout(fire, ms).unref();
          return () => clearTimeout(timer);
        },
        keyring: null,
        keyringDetail: '',
        resources: '',
      },
      log: quietLog,
      emit: () => {},
      home,
      keys: testKeys(),
      search: { pace: { quietMs: 0, rest: 0 } },
    });
    const h = vault.handlers;
    await vault.start();
    await h['vault.setup']({ profile: { k: 4, m: 2 } }, testContext());
    const put = (paths: string[], into: string) => h['vault.put']({ paths, into, clash: 'replace' }, testContext());
    await put([folder], 'root');
    const all = await timed(() => vault.indexed());
    let read = all.value.read;
    if (read !== files) throw new Error(`The index read ${read} files, not ${files}.`);
    return {
      contests: [
        {
          name: 'one of 10,000 changed',
          async ours(run) {
            const changed = path.join(folder, 'letters 007', `letter ${3500 + run}.txt`);
            await writeFile(changed, `a new sentence about heron${run}`);
            const { seconds, value } = await timed(async () => {
              await put([changed], '/letters/letters 007');
              return await vault.indexed();
            });
            const amount = value.read - read;
            read = value.read;
            const found = await h['vault.search'](
              { query: `heron${run}`, limit: 10, offset: 0, typing: false },
              testContext(),
            );
            if (found.total !== 1) throw new Error(`The new words were found ${found.total} times.`);
            return {
              amount,
              notes: {
                'stored and in the index after': `${Math.round(seconds * 1000)} ms`,
                'reading all 10,000': `${all.seconds.toFixed(1)} s`,
              },
            };
          },
          rival: null,
        },
      ],
      notes: ['without the rests between files that the agent takes'],
      async close() {
        await vault.stop();
        await place.close();
      },
    };
  },
};
