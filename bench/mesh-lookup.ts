import { systemRandom } from '#core/crypto/random.ts';
import { createForwardingTable } from '#core/mesh/forward/forwarding-table.ts';
import { addressOf } from '#core/mesh/identity/address.ts';
import { subnetOf } from '#core/mesh/wire/prefix.ts';
import { createRouterId } from '#core/mesh/wire/router-id.ts';
import type { Benchmark } from './harness/benchmark.ts';

const routes = 100_000;
const lookups = 1_000_000;

export const benchmark: Benchmark = {
  name: 'mesh-lookup',
  about: 'Find the way of a packet among 100,000 routes, in nanoseconds.',
  better: 'lower',
  rival: null,
  unit: 'ns',
  runs: 9,
  warmUp: true,
  async prepare() {
    const table = createForwardingTable();
    const byText = new Map<string, unknown>();
    const addresses: Uint8Array[] = [];
    for (let i = 0; i < routes; i++) {
      const key = systemRandom(32);
      const address = addressOf(key);
      const forwarding = {
        state: 'route',
        peer: 1 + (i % 1000),
        routerId: createRouterId(key, systemRandom(6)),
      } as const;
      const prefix = subnetOf(address);
      byText.set(prefix.key, table.set(prefix, forwarding).entry);
      addresses.push(address);
    }
    // As in packets: the address itself has just been read, where it leads lies anywhere.
    const destinations = Buffer.alloc(lookups * 16);
    for (let i = 0; i < lookups; i++) destinations.set(addresses[Math.floor(Math.random() * routes)] ?? [], i * 16);
    return {
      contests: [
        {
          name: 'random hits',
          async ours() {
            const text = perLookup((at) => byText.has(`${destinations.toString('hex', at, at + 8)}/64`));
            const amount = perLookup((at) => table.passTo(destinations, at) !== 0);
            return { amount, notes: { 'a Map of strings, in the same run': `${text.toFixed(0)} ns` } };
          },
          rival: null,
        },
      ],
      notes: ['CPU time; every lookup is of another destination, where packets of one flow would find theirs at hand'],
      close: async () => {},
    };
  },
};

function perLookup(found: (at: number) => boolean): number {
  const before = process.cpuUsage();
  let hits = 0;
  for (let i = 0; i < lookups; i++) if (found(i * 16)) hits++;
  const { user, system } = process.cpuUsage(before);
  if (hits !== lookups) throw new Error('A route was not found.');
  return ((user + system) * 1000) / lookups;
}
