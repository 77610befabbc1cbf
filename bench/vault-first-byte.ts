import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { startAgent } from '../e2e/harness/agent.ts';
import { passphrase } from '../e2e/harness/person.ts';
import type { Benchmark, Measurement } from './harness/benchmark.ts';
import { median } from './harness/statistics.ts';
import { emptyVault } from './harness/vault.ts';
import { settleDisk, workplace, writeRandom } from './harness/workplace.ts';

const limitMs = 300;
const jumps = 10;

export const benchmark: Benchmark = {
  name: 'vault-first-byte',
  about: `From the click on a video of 1 GB to its first byte, and to that after a jump, in milliseconds; the limit is ${limitMs}.`,
  better: 'lower',
  rival: null,
  unit: 'ms',
  runs: 5,
  warmUp: false,
  async prepare(options) {
    const size = options.size ?? 1_000_000_000;
    const place = await workplace();
    await mkdir(place.path('in'), { recursive: true });
    const file = place.path('in/film.mp4');
    await writeRandom(file, size);
    const first = await emptyVault(place.path('home'));
    const stored = await first.hypha(['vault', 'put', file, '--json'], { withinMs: 3_600_000 });
    await first.stop();
    if (stored.code !== 0) throw new Error(stored.stderr);
    const cold = await forgetPages();

    /** An agent that has just been unlocked, and has nothing of the file in memory. */
    const firstByte = async (offsets: () => number[]): Promise<Measurement> => {
      const agent = await startAgent({ home: place.path('home'), port: 0, env: { HYPHA_CHECK_OUTPUTS: '0' } });
      const connection = await agent.connect();
      try {
        const { client } = connection;
        await client['identity.unlock']({ passphrase });
        const { items } = await client['vault.list']({ folder: '/' });
        const item = items.find(({ name }) => name === 'film.mp4');
        if (item === undefined) throw new Error('The film is not there.');
        await settleDisk();
        await forgetPages();
        const took: number[] = [];
        for (const offset of offsets()) {
          const began = performance.now();
          const { url } = await client['vault.ticket']({ item: item.id });
          const answer = await fetch(`http://127.0.0.1:${agent.port}${url}`, {
            headers: { Range: `bytes=${offset}-` },
          });
          const reader = answer.body?.getReader();
          const { value } = (await reader?.read()) ?? {};
          took.push(performance.now() - began);
          await reader?.cancel();
          if (answer.status !== 206 || value === undefined) throw new Error(`No bytes came: ${answer.status}.`);
        }
        return { amount: median(took), notes: { slowest: `${Math.max(...took).toFixed(0)} ms` } };
      } finally {
        connection.close();
        await agent.stop();
      }
    };
    return {
      contests: [
        { name: 'the beginning', ours: () => firstByte(() => [0]), rival: null },
        {
          name: 'after a jump',
          ours: () => firstByte(() => Array.from({ length: jumps }, () => Math.floor(Math.random() * (size - 1000)))),
          rival: null,
        },
      ],
      notes: [
        'ticket and ranged GET, as the page does; a new agent each time, 4+2 places in directories of the same disk',
        cold
          ? 'the system’s page cache was emptied before'
          : 'the places are in the page cache: emptying it takes root',
      ],
      close: () => place.close(),
    };
  },
};

/** @returns whether the system has let go of the files it keeps in memory */
async function forgetPages(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  await promisify(execFile)('sync');
  return writeFile('/proc/sys/vm/drop_caches', '3').then(
    () => true,
    () => false,
  );
}
