import type { MapLayout } from './layout.ts';

/** Points on their way from where they were to where they belong. */
export interface Flight {
  readonly layout: MapLayout;
  readonly from: Float64Array;
  readonly began: number;
}

const lasts = 160;

/** From the last layout to a new one. Points that were not there appear at their place. */
export function flightOf(last: Flight | null, layout: MapLayout, now: number): Flight {
  const from = new Float64Array(layout.points.length * 2);
  const before = last && placesAt(last, now);
  const known = new Map(last?.layout.points.map((point, i) => [point.id, i]));
  for (const [i, point] of layout.points.entries()) {
    const was = known.get(point.id);
    from[2 * i] = before && was !== undefined ? (before.xs[was] ?? point.x) : point.x;
    from[2 * i + 1] = before && was !== undefined ? (before.ys[was] ?? point.y) : point.y;
  }
  return { layout, from, began: last === null ? now - lasts : now };
}

/** Where everything is at a moment; `under` way or arrived. */
export function placesAt(
  { layout, from, began }: Flight,
  now: number,
): {
  xs: Float64Array;
  ys: Float64Array;
  under: boolean;
} {
  const share = Math.min(1, Math.max(0, (now - began) / lasts));
  const eased = 1 - (1 - share) ** 3;
  const count = layout.points.length;
  const xs = new Float64Array(count);
  const ys = new Float64Array(count);
  for (const [i, point] of layout.points.entries()) {
    const [x, y] = [from[2 * i] ?? point.x, from[2 * i + 1] ?? point.y];
    xs[i] = x + (point.x - x) * eased;
    ys[i] = y + (point.y - y) * eased;
  }
  return { xs, ys, under: share < 1 };
}
