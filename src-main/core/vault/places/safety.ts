import type { Safety } from '#shared/contract/vault.ts';

/** How many healthy shards of one pack lie on each device and at whom, and how many make it whole. */
export interface PackSpread {
  readonly k: number;
  readonly m: number;
  /** Healthy, reachable shards per device. */
  readonly perDevice: readonly number[];
  /** The same for each other person who keeps some; the person's own are not among them. */
  readonly perOther: readonly number[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/**
 * How many whole devices may be lost at once, any of them, with the pack still readable. Losing the fullest devices
 * first is the worst that can happen. -1 when it cannot be read now.
 */
export function devicesSurvived(pack: PackSpread): number {
  let healthy = sum(pack.perDevice);
  if (healthy < pack.k) return -1;
  const fullestFirst = [...pack.perDevice].filter((n) => n > 0).sort((a, b) => b - a);
  let lost = 0;
  for (const n of fullestFirst) {
    healthy -= n;
    if (healthy < pack.k) break;
    lost++;
  }
  return lost;
}

/** Whether it is readable without the `n` shards that lie together somewhere. */
export const survivesLossOf = (pack: PackSpread, n: number): boolean => sum(pack.perDevice) - n >= pack.k;

/**
 * In words for the person. "safe" promises that any one device may fail, and any one other person go with all they keep;
 * directories never count. A pack spread over two devices that needs both is no safer than on one, and is called the same.
 */
export function packSafety(pack: PackSpread): Safety {
  const healthy = sum(pack.perDevice);
  if (healthy < pack.k) return 'damaged';
  if (healthy < pack.k + pack.m) return 'at-risk';
  return devicesSurvived(pack) >= 1 && pack.perOther.every((n) => survivesLossOf(pack, n)) ? 'safe' : 'only-here';
}

const order: readonly Safety[] = ['safe', 'only-here', 'storing', 'at-risk', 'damaged'];

export function worst(a: Safety, b: Safety): Safety {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** A place that could take a shard. */
export interface Candidate {
  readonly id: string;
  readonly device: string;
  readonly owner: string;
  readonly site: string;
  readonly weight: number;
  readonly free: number | null;
}

/**
 * Which places take the `n` shards of a pack: as many devices as there are, evenly; among those as many people, then as many
 * sites; then the places with most room, times their weight. At most one shard a place; null where there is no place left.
 * `taken` already hold a shard of the pack.
 */
export function choosePlaces<T extends Candidate>(
  places: readonly T[],
  n: number,
  taken: readonly Candidate[] = [],
): (T | null)[] {
  const load = new Map<string, number>();
  const add = (c: Candidate): void => {
    for (const domain of domainsOf(c)) load.set(domain, (load.get(domain) ?? 0) + 1);
  };
  for (const one of taken) add(one);
  const left = places.filter((p) => !taken.some((t) => t.id === p.id));
  const chosen: (T | null)[] = [];
  while (chosen.length < n) {
    let best: T | undefined;
    for (const p of left) {
      if (best === undefined || better(p, best, load)) best = p;
    }
    if (best === undefined) {
      chosen.push(null);
      continue;
    }
    left.splice(left.indexOf(best), 1);
    add(best);
    chosen.push(best);
  }
  return chosen;
}

/** What fails together with a place, what counts most first. */
const domainsOf = ({ device, owner, site }: Candidate): string[] => [
  `device ${device}`,
  `owner ${owner}`,
  `site ${site}`,
];

/** Where nobody says how much room there is: most servers have plenty. */
const unsaidRoom = 64 * 1024 ** 3;

function better(a: Candidate, b: Candidate, load: ReadonlyMap<string, number>): boolean {
  const domains = domainsOf(b);
  for (const [i, domain] of domainsOf(a).entries()) {
    const la = load.get(domain) ?? 0;
    const lb = load.get(domains[i] ?? '') ?? 0;
    if (la !== lb) return la < lb;
  }
  // Free space in steps of 64 MiB, so that small differences do not reshuffle placement with every pack.
  const room = (c: Candidate): number => Math.floor((c.free ?? unsaidRoom) / (64 * 1024 * 1024)) * c.weight;
  if (room(a) !== room(b)) return room(a) > room(b);
  return a.id < b.id;
}
