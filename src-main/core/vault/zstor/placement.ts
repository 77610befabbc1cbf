/**
 * How many shards of an object go to each group of backends. With a layout, after the loss of the `redundantGroups` groups that hold
 * most and of `redundantNodes` shards in each other group, k shards are left; and where nodes may be lost at all, no more groups are used than
 * floor(parity / redundantNodes) + redundantGroups. That is zstor's rule. It tries every order of handing shards out, which
 * takes for ever with many groups; here only the numbers a group may get are looked at.
 */
export interface Redundancy {
  readonly k: number;
  readonly parity: number;
  readonly redundantGroups: number;
  readonly redundantNodes: number;
}

/** Layouts tried at random before the one that is found for sure. */
const tries = 32;

/** @param counts shards in each group */
export function survives(counts: readonly number[], r: Redundancy): boolean {
  const used = counts.filter((n) => n > 0).sort((a, b) => b - a);
  if (used.length > mostGroups(r, used.length)) return false;
  const left = used.slice(r.redundantGroups).reduce((sum, n) => sum + Math.max(0, n - r.redundantNodes), 0);
  return left >= r.k;
}

function mostGroups({ parity, redundantGroups, redundantNodes }: Redundancy, all: number): number {
  return redundantNodes === 0 ? all : Math.floor(parity / redundantNodes) + redundantGroups;
}

/**
 * A layout at random, even over as many groups as the draw gave; where no draw fits, one that does.
 *
 * @param room backends of each group that can take a shard now
 * @param below gives a whole number from 0 to below n, any as likely as another
 * @returns shards for each group; null when there is no layout
 */
export function layOut(room: readonly number[], r: Redundancy, below: (n: number) => number): number[] | null {
  const open = room.map((size, group) => ({ size, group })).filter(({ size }) => size > 0);
  const most = Math.min(open.length, mostGroups(r, open.length));
  if (most === 0) return null;
  for (let i = 0; i < tries; i++) {
    const chosen = shuffle(open, below).slice(0, 1 + below(most));
    const counts = spread(room.length, chosen, r.k + r.parity);
    if (counts && survives(counts, r)) return counts;
  }
  return certain(room.length, open.sort((a, b) => b.size - a.size).slice(0, most), r);
}

interface Open {
  readonly size: number;
  readonly group: number;
}

/** As even as their sizes allow. */
function spread(groups: number, chosen: readonly Open[], shards: number): number[] | null {
  const counts = Array.from({ length: groups }, () => 0);
  let left = shards;
  while (left > 0) {
    const free = chosen.filter(({ size, group }) => (counts[group] ?? 0) < size).slice(0, left);
    if (free.length === 0) return null;
    for (const { group } of free) counts[group] = (counts[group] ?? 0) + 1;
    left -= free.length;
  }
  return counts;
}

/**
 * The largest groups serve as well as any other. Those that hold most, and are counted out, hold t shards or more, the others at most t; for each
 * t, the others get all they can, the largest filled first: so the fewest are lost in each.
 *
 * @param open the largest groups, largest first
 */
function certain(groups: number, open: readonly Open[], r: Redundancy): number[] | null {
  const shards = r.k + r.parity;
  const out = open.slice(0, r.redundantGroups);
  const kept = open.slice(r.redundantGroups);
  const smallest = out.at(-1)?.size ?? shards;
  for (let t = Math.min(smallest, shards); t >= 1; t--) {
    const counts = Array.from({ length: groups }, () => 0);
    let left = shards - out.length * t;
    if (left < 0) continue;
    for (const { size, group } of kept) {
      const n = Math.min(size, t, left);
      counts[group] = n;
      left -= n;
    }
    for (const { size, group } of out) {
      const n = Math.min(size - t, left);
      counts[group] = t + n;
      left -= n;
    }
    if (left === 0 && survives(counts, r)) return counts;
  }
  return null;
}

/** Fisher and Yates. */
export function shuffle<T>(list: readonly T[], below: (n: number) => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** Whole numbers below n from random bytes, without a lean to the small ones. */
export function randomBelow(random: (n: number) => Uint8Array): (n: number) => number {
  return (n) => {
    const limit = Math.floor(2 ** 32 / n) * n;
    for (;;) {
      const bytes = random(4);
      const value = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      if (value < limit) return value % n;
    }
  };
}
