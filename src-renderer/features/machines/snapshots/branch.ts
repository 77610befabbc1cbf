import type { Machine } from '#shared/contract/machines.ts';

type Snapshot = Machine['snapshots'][number];

/**
 * The line of a machine's life as the contract tells it: snapshots in the order they were taken, and now at the end.
 * The contract keeps no parentage, so a restored snapshot is shown where it was taken; nothing is made up.
 */
export interface BranchPoint {
  readonly key: string;
  readonly snapshot: Snapshot | null;
}

export function branchOf(snapshots: readonly Snapshot[]): BranchPoint[] {
  const sorted = [...snapshots].sort((a, b) => b.at - a.at || a.name.localeCompare(b.name));
  return [{ key: 'now', snapshot: null }, ...sorted.map((snapshot) => ({ key: `s-${snapshot.name}`, snapshot }))];
}

/** A first name for a snapshot: `before 22 Nov 18.30`, free among those there are and within the contract's letters. */
export function suggestSnapshotName(now: Date, taken: readonly string[]): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const stem = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}`;
  if (!taken.includes(stem)) return stem;
  for (let n = 2; ; n += 1) if (!taken.includes(`${stem} ${n}`)) return `${stem} ${n}`;
}
