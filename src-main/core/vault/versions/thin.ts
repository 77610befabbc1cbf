/** Which automatic snapshots to keep. Of each hour, day, week and month the last one counts. */
export interface SnapshotPolicy {
  /** Minutes between automatic snapshots, when something changed; null: none are taken. */
  readonly every: number | null;
  readonly hours: number;
  readonly days: number;
  readonly weeks: number;
  readonly months: number;
}

export const defaultPolicy: SnapshotPolicy = { every: 60, hours: 24, days: 30, weeks: 26, months: 60 };

export interface Taken {
  readonly number: number;
  readonly at: number;
  readonly automatic: boolean;
}

const hour = 3_600_000;
const periods: readonly (readonly [keyof SnapshotPolicy & string, (at: number) => string])[] = [
  ['hours', (at) => String(Math.floor(at / hour))],
  ['days', (at) => String(Math.floor(at / (24 * hour)))],
  // 1 January 1970 was a Thursday: weeks begin on Mondays.
  ['weeks', (at) => String(Math.floor((at / (24 * hour) + 3) / 7))],
  ['months', (at) => new Date(at).toISOString().slice(0, 7)],
];

/**
 * Numbers of those that may go. Counted are snapshots, not days on the calendar: after a month away the last days before it are
 * still there, and a clock that was wrong by a year costs nothing. Never those that a person took, nor the newest.
 */
export function thinned(snapshots: readonly Taken[], policy: SnapshotPolicy): number[] {
  const automatic = snapshots.filter((one) => one.automatic).sort((a, b) => b.number - a.number);
  const kept = new Set<number>();
  const [newest] = automatic;
  if (newest) kept.add(newest.number);
  for (const [name, periodOf] of periods) {
    const most = policy[name] ?? 0;
    const seen = new Set<string>();
    for (const { number, at } of automatic) {
      const period = periodOf(at);
      if (seen.has(period)) continue;
      if (seen.size >= most) break;
      seen.add(period);
      kept.add(number);
    }
  }
  return automatic.filter(({ number }) => !kept.has(number)).map(({ number }) => number);
}
