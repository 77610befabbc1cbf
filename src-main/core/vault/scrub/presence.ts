import type { Places } from '../places/places.ts';
import type { Records } from './records.ts';

/** A place that comes and goes is back when it was here for so long in one piece. */
const backMs = 60 * 60_000;

/**
 * How long places were seen away. It is the time of watching that counts, not that of the clock: a computer that was off for a week, or
 * whose clock jumps a year, has seen nobody away meanwhile. A place that waits for the person's keys is not away.
 *
 * @returns places that were given up and are back
 */
export function notePresence(
  places: Places,
  records: Records,
  elapsedMs: number,
  graceMs: number,
  now: number,
): string[] {
  const returned: string[] = [];
  records.forgetOthers(new Set(places.all().map(({ row }) => row.id)));
  for (const { row } of places.all()) {
    const { away, back } = records.place(row.id, now);
    if (places.waits(row.id)) continue;
    if (!places.readable(row.id)) {
      records.set(row.id, { away: away + elapsedMs, back: 0 });
      if (away < graceMs && away + elapsedMs >= graceMs) records.event('departed', row.id, 1, now);
      continue;
    }
    if (away === 0) continue;
    const over = back + elapsedMs >= backMs;
    records.set(row.id, over ? { away: 0, back: 0 } : { back: back + elapsedMs });
    if (!over || away < graceMs) continue;
    records.event('returned', row.id, 1, now);
    returned.push(row.id);
  }
  return returned;
}

/** Places whose keeper wants them back: what lies there moves to others while it can still be read. */
export const givingNotice = (places: Places): ReadonlySet<string> =>
  new Set(
    places
      .all()
      .filter(({ row, problem }) => problem?.code === 'CLOSING' && places.readable(row.id))
      .map(({ row }) => row.id),
  );

/** Places that were away for longer than is waited: what lies there is made again elsewhere. */
export const departed = (places: Places, records: Records, graceMs: number): ReadonlySet<string> =>
  new Set(
    records
      .places()
      .filter(({ place, away }) => away >= graceMs && !places.readable(place) && !places.waits(place))
      .map(({ place }) => place),
  );
