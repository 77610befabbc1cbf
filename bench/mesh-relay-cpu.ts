import type { Benchmark } from './harness/benchmark.ts';
import { least } from './harness/mesh/bursts.ts';
import { packetBytes, startRelay } from './harness/mesh/relays.ts';

const packets = 80_000;

export const benchmark: Benchmark = {
  name: 'mesh-relay-cpu',
  about: 'CPU that a node takes to pass a packet on between two peers, against a plain pipe between two sockets.',
  better: 'lower',
  rival: 'node:net pipe',
  unit: 'ns',
  runs: 9,
  warmUp: true,
  async prepare() {
    const [node, pipe] = await Promise.all([startRelay('node'), startRelay('pipe')]);
    const perPacket = async (relay: typeof node) => {
      const cpu = await least(async () => (await relay.run(packets)).cpu);
      return { amount: (cpu / packets) * 1e9 };
    };
    return {
      contests: [{ name: 'bulk', ours: () => perPacket(node), rival: () => perPacket(pipe) }],
      notes: [
        `user and system time of the relay’s process alone: the least of 6 bursts of ${packets} packets of ${packetBytes} bytes`,
        '1.8 MB on the way at most; sender, relay and receiver are processes of their own; both relays get the same bytes from the same sender',
      ],
      async close() {
        await Promise.all([node.close(), pipe.close()]);
      },
    };
  },
};
