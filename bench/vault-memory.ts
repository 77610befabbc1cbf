import { mkdir } from 'node:fs/promises';
import type { Ended } from '../e2e/harness/program.ts';
import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import { emptyVault } from './harness/vault.ts';
import { forgetPeak, peakBytes, workplace, writeRandom } from './harness/workplace.ts';

const withinMs = 3_600_000;
const limitMb = 300;

export const benchmark: Benchmark = {
  name: 'vault-memory',
  about: `The most memory that the agent holds, in MB, while one file of 4 GiB goes in and comes out; the limit is ${limitMb}.`,
  better: 'lower',
  rival: null,
  unit: 'MB',
  runs: 1,
  warmUp: false,
  async prepare(options) {
    if (process.platform !== 'linux') throw new Unavailable('This benchmark reads /proc and runs on Linux only.');
    const size = options.size ?? 4 * 1024 ** 3;
    const place = await workplace();
    await mkdir(place.path('in'), { recursive: true });
    const file = place.path('in/film.mp4');
    await writeRandom(file, size);
    const agent = await emptyVault(place.path('home'));
    const during = async (words: readonly string[]): Promise<{ amount: number }> => {
      await forgetPeak(agent.pid);
      const ended: Ended = await agent.hypha([...words, '--json'], { withinMs });
      if (ended.code !== 0) throw new Error(`hypha ${words[1]} ended with ${ended.code}: ${ended.stderr}`);
      return { amount: ((await peakBytes(agent.pid)) ?? 0) / 1e6 };
    };
    return {
      contests: [
        { name: 'in', ours: () => during(['vault', 'put', file]), rival: null },
        { name: 'out', ours: () => during(['vault', 'export', '/film.mp4', place.path('out')]), rival: null },
      ],
      notes: [
        `one file of ${size} random bytes, 4+2 places on the same disk; resident memory of the whole agent, with its threads, as the kernel counts its peak`,
        'the peak is counted from the beginning of each: unlocking takes more for a second (Argon2id)',
      ],
      async close() {
        await agent.stop();
        await place.close();
      },
    };
  },
};
