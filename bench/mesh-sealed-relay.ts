import type { Benchmark } from './harness/benchmark.ts';
import { least } from './harness/mesh/bursts.ts';
import { startChain } from './harness/mesh/chain.ts';
import type { NodePart } from './harness/mesh/node-part.ts';
import type { Part } from './harness/mesh/part.ts';
import { startRelay } from './harness/mesh/relays.ts';

const sealed = 16_000;
/** The pipe is so much faster that the same number would be over before it began. */
const piped = 80_000;
const bursts = 6;

export const benchmark: Benchmark = {
  name: 'mesh-sealed-relay',
  about:
    'Packets sealed by one node, passed on by another and opened by a third, against the same bytes through a plain pipe.',
  better: 'higher',
  rival: 'node:net pipe',
  unit: 'ns',
  runs: 9,
  warmUp: true,
  async prepare() {
    const [chain, pipe] = await Promise.all([startChain(3), startRelay('pipe')]);
    const [from, , to] = chain.nodes as [Part<NodePart>, Part<NodePart>, Part<NodePart>];
    const cpu = () => Promise.all(chain.nodes.map(async (node) => (await node.ask('usage')).cpu));
    return {
      contests: [
        {
          name: 'bulk',
          async ours() {
            const before = await cpu();
            const seconds = await least(async () => {
              await to.ask('absorb', sealed);
              return from.ask('send', chain.addresses[2] as Uint8Array, sealed, 1400);
            }, bursts);
            const after = await cpu();
            const each = after.map((one, i) => (((one - (before[i] ?? 0)) / bursts / sealed) * 1e6).toFixed(2));
            const notes = {
              'Gbit/s': ((sealed * 1400 * 8) / seconds / 1e9).toFixed(2),
              'microseconds of CPU a packet at sender, relay, receiver': each.join(', '),
            };
            return { amount: (seconds / sealed) * 1e9, notes };
          },
          async rival() {
            const seconds = await least(async () => (await pipe.run(piped)).seconds, bursts);
            return { amount: (seconds / piped) * 1e9 };
          },
        },
      ],
      notes: [
        'nanoseconds of wall clock a packet, the shortest of 6 bursts: AES-256-GCM by node:crypto at both ends, nothing sealed in the pipe',
        'every node, sender, relay and receiver is a process of its own; 1.5 MB on the way at most (pipe: 1.8)',
      ],
      async close() {
        await Promise.all([chain.close(), pipe.close()]);
      },
    };
  },
};
