import type { Benchmark } from './harness/benchmark.ts';
import { type Chain, startChain, startPiped } from './harness/mesh/chain.ts';
import { median } from './harness/statistics.ts';

const relays = 2;
const blocks = 20;
const perBlock = 100;

export const benchmark: Benchmark = {
  name: 'mesh-hop-latency',
  about: 'What each node on the way adds to a round trip, in microseconds.',
  better: 'lower',
  rival: null,
  unit: 'us',
  runs: 7,
  warmUp: true,
  async prepare() {
    const [direct, over, piped] = await Promise.all([startChain(2), startChain(2 + relays), startPiped()]);
    return {
      contests: [
        {
          name: '64 bytes',
          async ours() {
            const near: number[] = [];
            const far: number[] = [];
            const plain: number[] = [];
            for (let i = 0; i < blocks; i++) {
              near.push(...(await roundTrips(direct)));
              far.push(...(await roundTrips(over)));
              plain.push(...(await roundTrips(piped)));
            }
            const notes = {
              'median and least of a direct round trip': `${median(near).toFixed(0)}, ${Math.min(...near).toFixed(0)} us`,
              [`and over ${relays} nodes`]: `${median(far).toFixed(0)}, ${Math.min(...far).toFixed(0)} us`,
              'what a process adds that pipes bytes and looks at nothing': `${(median(plain) - median(near)).toFixed(0)} us`,
            };
            return { amount: (median(far) - median(near)) / relays, notes };
          },
          rival: null,
        },
      ],
      notes: [
        `the difference of medians of ${blocks * perBlock} round trips each, in turns; every node is a process of its own`,
        'sealed, passed on, opened and answered: a hop is passed there and back',
      ],
      async close() {
        await Promise.all([direct.close(), over.close(), piped.close()]);
      },
    };
  },
};

function roundTrips({ nodes, addresses }: Chain): Promise<number[]> {
  const [first] = nodes;
  const last = addresses.at(-1);
  if (first === undefined || last === undefined) throw new Error('An empty chain.');
  return first.ask('roundTrips', last, perBlock, 64);
}
