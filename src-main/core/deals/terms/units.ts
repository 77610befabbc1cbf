/**
 * What a workload takes of a node, in the grid's units: compute (CU), storage (SU), network (NU), public addresses (IPU), and what that
 * costs by a pricing policy (TFChain's smart-contract pallet, spec_version 149). Exact: as fractions of whole numbers, never a
 * floating-point one. Amounts of money are in 1e-7 USD ("unit-USD"), as the policy has them.
 */

/** `top / bottom`, both above or equal to zero, `bottom` above. */
export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** Capacity in bytes; virtual processors. */
export interface Capacity {
  readonly cores: bigint;
  readonly memory: bigint;
  readonly ssd: bigint;
  readonly hdd: bigint;
}

/** Prices by the hour, of one unit each; of NU by the gigabyte (1e9 bytes). */
export interface PricingPolicy {
  readonly cu: bigint;
  readonly su: bigint;
  readonly nu: bigint;
  readonly ipu: bigint;
  /** Off a whole node, in hundredths. */
  readonly dedicatedDiscount: bigint;
}

/** Policy 1 of the genesis; a network may have another since, so a real one is read from it. */
export const genesisPolicy: PricingPolicy = {
  cu: 200_000n,
  su: 100_000n,
  nu: 30_000n,
  ipu: 50_000n,
  dedicatedDiscount: 50n,
};

const gib = 1n << 30n;
const fraction = (top: bigint, bottom: bigint): Fraction => ({ top, bottom });
const larger = (a: Fraction, b: Fraction): Fraction => (a.top * b.bottom >= b.top * a.bottom ? a : b);
const smaller = (a: Fraction, b: Fraction): Fraction => (a.top * b.bottom <= b.top * a.bottom ? a : b);

/** CU = min( max(MRU/4, CRU/2), max(MRU/8, CRU), max(MRU/2, CRU/4) ), memory in GiB. */
export function computeUnits({ cores, memory }: Pick<Capacity, 'cores' | 'memory'>): Fraction {
  const balanced = larger(fraction(memory, 4n * gib), fraction(cores, 2n));
  const byCores = larger(fraction(memory, 8n * gib), fraction(cores, 1n));
  const byMemory = larger(fraction(memory, 2n * gib), fraction(cores, 4n));
  return smaller(smaller(balanced, byCores), byMemory);
}

/** SU = HRU/1200 + SRU/200, in GiB. */
export function storageUnits({ ssd, hdd }: Pick<Capacity, 'ssd' | 'hdd'>): Fraction {
  return fraction(hdd + 6n * ssd, 1_200n * gib);
}

const rounded = ({ top, bottom }: Fraction): bigint => (2n * top + bottom) / (2n * bottom);

/** What a node contract costs an hour: CU, SU and public addresses. @param rented the node is the tenant's whole: its CU and SU are paid already */
export function hourly(what: Capacity, addresses: bigint, policy: PricingPolicy, rented = false): bigint {
  const ips = addresses * policy.ipu;
  if (rented) return ips;
  return capacityCost(what, policy, 1n, 1n) + ips;
}

/** What the whole of a node costs an hour, with the discount for that, and the extra fee of its farmer. */
export function hourlyOfNode(what: Capacity, policy: PricingPolicy, extraFee = 0n): bigint {
  return capacityCost(what, policy, 100n - policy.dedicatedDiscount, 100n) + extraFee;
}

/** Summed before it is rounded, once. */
function capacityCost(what: Capacity, policy: PricingPolicy, top: bigint, bottom: bigint): bigint {
  const [cu, su] = [computeUnits(what), storageUnits(what)];
  const sum = cu.top * policy.cu * su.bottom + su.top * policy.su * cu.bottom;
  return rounded(fraction(sum * top, cu.bottom * su.bottom * bottom));
}

/** What was moved over the network. */
export const trafficCost = (bytes: bigint, policy: PricingPolicy): bigint =>
  rounded(fraction(bytes * policy.nu, 1_000_000_000n));

/** Of an hourly cost, what so many seconds come to. */
export const costOf = (perHour: bigint, seconds: bigint): bigint => rounded(fraction(perHour * seconds, 3_600n));

export type Discount = 'none' | 'default' | 'bronze' | 'silver' | 'gold';
const levels: readonly (readonly [Discount, bigint, bigint])[] = [
  // Level, half months of runway it takes, hundredths of the price that are left.
  ['gold', 36n, 40n],
  ['silver', 12n, 60n],
  ['bronze', 6n, 70n],
  ['default', 3n, 80n],
];

/** The discount for how long a balance would last at this cost: 1.5, 3, 6 and 18 months (of 30 days) give 20, 30, 40 and 60 in a hundred. */
export function discountOf(balance: bigint, perHour: bigint): Discount {
  if (perHour === 0n) return 'none';
  const halfMonth = perHour * 24n * 15n;
  return levels.find(([, halves]) => balance >= halfMonth * halves)?.[0] ?? 'none';
}

/** @param certified the node is: a quarter more, before the discount */
export function discounted(cost: bigint, level: Discount, certified = false): bigint {
  const left = levels.find(([name]) => name === level)?.[2] ?? 100n;
  return rounded(fraction(cost * left * (certified ? 125n : 100n), 10_000n));
}
