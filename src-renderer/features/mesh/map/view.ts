import type { MapLayout, MapPoint } from './layout.ts';

/** Where the map is looked at: `x`, `y` of its middle in pixels of the canvas, and how large. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const smallest = 0.15;
const largest = 6;

/** All of it in a box of this size, with a margin for names; a small network is not blown up. */
export function fitView(extent: number, width: number, height: number): View {
  const room = Math.max(40, Math.min(width, height) / 2 - 28);
  return { x: width / 2, y: height / 2, scale: Math.min(1.6, Math.max(smallest, room / extent)) };
}

/** Closer or further away, with what is under `(px, py)` staying there. */
export function zoomAt(view: View, px: number, py: number, factor: number): View {
  const scale = Math.min(largest, Math.max(smallest, view.scale * factor));
  const by = scale / view.scale;
  return { scale, x: px - (px - view.x) * by, y: py - (py - view.y) * by };
}

export const panBy = (view: View, dx: number, dy: number): View => ({ ...view, x: view.x + dx, y: view.y + dy });

/** Bring a point to the middle of the box. */
export function centreOn(view: View, point: Pick<MapPoint, 'x' | 'y'>, width: number, height: number): View {
  return { ...view, x: width / 2 - point.x * view.scale, y: height / 2 - point.y * view.scale };
}

/** Whether a point is well inside the box. */
export function inSight(view: View, point: Pick<MapPoint, 'x' | 'y'>, width: number, height: number): boolean {
  const [x, y] = [view.x + point.x * view.scale, view.y + point.y * view.scale];
  return x > 24 && y > 24 && x < width - 24 && y < height - 24;
}

/** Index of what is under the pointer, the nearest within `reach` pixels; -1 for nothing. */
export function hit(layout: MapLayout, view: View, px: number, py: number, reach = 14): number {
  const [x, y] = [(px - view.x) / view.scale, (py - view.y) / view.scale];
  let best = (reach / view.scale) ** 2;
  let found = -1;
  for (const [i, point] of layout.points.entries()) {
    const far = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (far < best) {
      best = far;
      found = i;
    }
  }
  return found;
}
