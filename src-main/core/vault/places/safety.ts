import type { Safety } from '#shared/contract/vault.ts';

/** How many healthy shards of one pack lie on each device, and how many make it whole. */
export interface PackSpread {
  readonly k: number;
  readonly m: number;
  /** Healthy, reachable shards per device. */
  readonly perDevice: readonly number[];
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

/**
 * In words for the person. "safe" promises that any one device may fail; directories never count. A pack spread over
 * two devices that needs both is no safer than on one, and is called the same.
 */
export function packSafety(pack: PackSpread): Safety {
  const healthy = sum(pack.perDevice);
  if (healthy < pack.k) return 'damaged';
  if (healthy < pack.k + pack.m) return 'at-risk';
  return devicesSurvived(pack) >= 1 ? 'safe' : 'only-here';
}

const order: readonly Safety[] = ['safe', 'only-here', 'storing', 'at-risk', 'damaged'];

export function worst(a: Safety, b: Safety): Safety {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

/** A place that could take a shard. */
export interface Candidate {
  readonly id: string;
  readonly device: string;
  readonly free: number | null;
}

/**
 * Which places take the `n` shards of a pack: as many devices as there are, evenly, and of one device the places with
 * most room. At most one shard a place; null where there is no place left. `taken` already hold a shard of the pack.
 */
export function choosePlaces<T extends Candidate>(
  places: readonly T[],
  n: number,
  taken: readonly Candidate[] = [],
): (T | null)[] {
  const load = new Map<string, number>();
  for (const { device } of taken) load.set(device, (load.get(device) ?? 0) + 1);
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
    load.set(best.device, (load.get(best.device) ?? 0) + 1);
    chosen.push(best);
  }
  return chosen;
}

function better(a: Candidate, b: Candidate, load: ReadonlyMap<string, number>): boolean {
  const la = load.get(a.device) ?? 0;
  const lb = load.get(b.device) ?? 0;
  if (la !== lb) return la < lb;
  // Free space in steps of 64 MiB, so that small differences do not reshuffle placement with every pack.
  const room = (c: Candidate): number => Math.floor((c.free ?? 0) / (64 * 1024 * 1024));
  if (room(a) !== room(b)) return room(a) > room(b);
  return a.id < b.id;
}
