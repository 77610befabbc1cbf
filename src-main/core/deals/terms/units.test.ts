import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Capacity,
  computeUnits,
  costOf,
  discounted,
  discountOf,
  hourly,
  hourlyOfNode,
  genesisPolicy as policy,
  storageUnits,
  trafficCost,
} from './units.ts';

const gib = 1n << 30n;
const of = (cores: number, memory: number, ssd: number, hdd = 0): Capacity => ({
  ...{ cores: BigInt(cores), memory: BigInt(memory) * gib },
  ...{ ssd: BigInt(ssd) * gib, hdd: BigInt(hdd) * gib },
});
const number = ({ top, bottom }: { top: bigint; bottom: bigint }): number => Number(top) / Number(bottom);

/* The formulas of the grid's billing (smart-contract pallet, spec_version 149), worked out by hand. */
describe('units of the grid', () => {
  it.each([
    // cores, memory, CU: min( max(M/4, C/2), max(M/8, C), max(M/2, C/4) )
    [1, 2, 0.5],
    [2, 4, 1],
    [4, 16, 4],
    [1, 8, 1],
    [8, 2, 2],
    [16, 64, 16],
    [0, 8, 1],
  ])('counts %i cores and %i GiB as %d CU', (cores, memory, cu) => {
    expect(number(computeUnits(of(cores, memory, 0)))).toBe(cu);
  });

  it('counts storage: 200 GiB of SSD or 1200 of HDD are one SU', () => {
    expect(number(storageUnits(of(0, 0, 200)))).toBe(1);
    expect(number(storageUnits(of(0, 0, 0, 1_200)))).toBe(1);
    expect(number(storageUnits(of(0, 0, 100, 600)))).toBe(1);
  });

  it('prices them by the policy, an address beside; on a node of one’s own only that', () => {
    // 1 CU at 200000 and half an SU at 100000, in 1e-7 USD.
    expect(hourly(of(2, 4, 100), 0n, policy)).toBe(250_000n);
    expect(hourly(of(2, 4, 100), 1n, policy)).toBe(300_000n);
    expect(hourly(of(2, 4, 100), 1n, policy, true)).toBe(50_000n);
    expect(hourlyOfNode(of(2, 4, 100), policy, 7n)).toBe(125_007n);
    expect(trafficCost(2_500_000_000n, policy)).toBe(75_000n);
    expect(costOf(250_000n, 5_400n)).toBe(375_000n);
  });

  it('gives the discount of how long a balance lasts', () => {
    const month = 250_000n * 24n * 30n;
    const at = (halves: bigint) => discountOf((month * halves) / 2n, 250_000n);
    expect([0n, 2n, 3n, 5n, 6n, 12n, 35n, 36n].map(at)).toEqual([
      ...(['none', 'none', 'default', 'default', 'bronze', 'silver', 'silver', 'gold'] as const),
    ]);
    expect(discountOf(5n, 0n)).toBe('none');
    expect(
      (['none', 'default', 'bronze', 'silver', 'gold'] as const).map((level) => discounted(1_000n, level)),
    ).toEqual([...[1_000n, 800n, 700n, 600n, 400n]]);
    expect(discounted(1_000n, 'none', true)).toBe(1_250n);
  });

  it('never costs less for more, and is what floating-point numbers say to their last digits', () => {
    const some = fc.record({ cores: fc.nat(128), memory: fc.nat(2_048), ssd: fc.nat(20_000), hdd: fc.nat(200_000) });
    fc.assert(
      fc.property(
        some,
        fc.constantFrom('cores', 'memory', 'ssd', 'hdd'),
        fc.integer({ min: 1, max: 500 }),
        (what, key, more) => {
          const { cores: c, memory: m, ssd: s, hdd: h } = what;
          const price = hourly(of(c, m, s, h), 0n, policy);
          const larger = { ...what, [key]: what[key as keyof typeof what] + more };
          expect(hourly(of(larger.cores, larger.memory, larger.ssd, larger.hdd), 0n, policy)).toBeGreaterThanOrEqual(
            price,
          );
          const cu = Math.min(Math.max(m / 4, c / 2), Math.max(m / 8, c), Math.max(m / 2, c / 4));
          const told = cu * 200_000 + (h / 1_200 + s / 200) * 100_000;
          expect(Math.abs(Number(price) - told)).toBeLessThanOrEqual(0.51);
        },
      ),
    );
  });
});
