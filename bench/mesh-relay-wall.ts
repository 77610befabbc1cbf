import type { Benchmark } from './harness/benchmark.ts';
import { least } from './harness/mesh/bursts.ts';
import { iperf } from './harness/mesh/iperf.ts';
import { packetBytes, type RelayRig, startRelay } from './harness/mesh/relays.ts';

const packets = 80_000;

export const benchmark: Benchmark = {
  name: 'mesh-relay-wall',
  about: 'How fast a node passes packets on between two peers, against a plain pipe between two sockets.',
  better: 'higher',
  rival: 'node:net pipe',
  runs: 9,
  warmUp: true,
  async prepare() {
    const bracket = await iperf();
    const node = await startRelay('node');
    const open = await startRelay('node, public socket API');
    const pipe = await startRelay('pipe');
    const run = (relay: RelayRig) => least(async () => (await relay.run(packets)).seconds);
    return {
      contests: [
        {
          name: 'bulk',
          async ours() {
            // In the same turn, so that it can be compared; told beside, because nodes do not run so by themselves.
            const other = gigabits(await run(open));
            const seconds = await run(node);
            return {
              seconds,
              notes: { 'Gbit/s': gigabits(seconds), 'Gbit/s with the public socket API alone': other },
            };
          },
          async rival() {
            const seconds = await run(pipe);
            return { seconds, notes: { 'Gbit/s': gigabits(seconds) } };
          },
        },
      ],
      notes: [
        `the shortest of 6 bursts of ${packets} packets of ${packetBytes} bytes, from first write to last answer; 1.8 MB on the way at most`,
        'sender, relay and receiver are processes of their own, so on two cores they wait for each other',
        bracket,
      ],
      async close() {
        await Promise.all([node.close(), open.close(), pipe.close()]);
      },
    };
  },
};

function gigabits(seconds: number): string {
  return ((packets * 1400 * 8) / seconds / 1e9).toFixed(1);
}
