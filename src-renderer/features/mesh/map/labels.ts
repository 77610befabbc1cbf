import type { MapKind } from './layout.ts';
import type { Scene } from './paint.ts';

export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly strong: boolean;
}

/** Text is by far the dearest thing on a canvas, and nobody reads more at once. */
const most = 140;
const lineHeight = 15;
/** From here on there is room for addresses, too. */
const closeUp = 2.2;

const ranks: Record<MapKind, number> = { me: 0, peer: 1, waiting: 2, node: 3 };

/**
 * Which names are written and where: those chosen and this node first, then peers, then nodes with a name, then, seen from
 * near, addresses. A name that would cover another is left out.
 */
export function labelsIn(
  { layout, xs, ys, view, width, height, chosen, hovered, me }: Scene,
  widthOf: (text: string) => number,
  how: { offset: (kind: MapKind) => number; short: (address: string) => string },
): Label[] {
  const wanted: { index: number; text: string; rank: number }[] = [];
  for (const [index, point] of layout.points.entries()) {
    const marked = index === chosen || index === hovered;
    const x = view.x + (xs[index] ?? 0) * view.scale;
    const y = view.y + (ys[index] ?? 0) * view.scale;
    if (x < -150 || y < 0 || x > width || y > height) continue;
    const text = point.kind === 'me' ? me : (point.name ?? titleOf(point, marked || view.scale >= closeUp, how.short));
    if (text === null) continue;
    const rank = marked ? -1 : ranks[point.kind] + (point.name === null && point.kind === 'node' ? 1 : 0);
    wanted.push({ index, text, rank });
  }
  wanted.sort((a, b) => a.rank - b.rank);
  const taken: { x: number; y: number; right: number }[] = [];
  const labels: Label[] = [];
  // What the circles stand for comes first: they are few, and without them a distance means nothing.
  let above = Number.NEGATIVE_INFINITY;
  for (const ring of layout.rings) {
    const [text, y] = [String(ring.cost), view.y + ring.radius * view.scale];
    const half = widthOf(text) / 2;
    if (y < 10 || y > height - 6 || view.x < 0 || view.x > width || y - above < lineHeight) continue;
    above = y;
    taken.push({ x: view.x - half, y, right: view.x + half });
    labels.push({ text, x: view.x - half, y, strong: false });
  }
  for (const { index, text, rank } of wanted) {
    if (labels.length >= most) break;
    const kind = layout.points[index]?.kind ?? 'node';
    const x = view.x + (xs[index] ?? 0) * view.scale + how.offset(kind);
    const y = view.y + (ys[index] ?? 0) * view.scale;
    const right = x + widthOf(text);
    const covers = taken.some((one) => x < one.right && right > one.x && Math.abs(y - one.y) < lineHeight);
    if (covers && rank >= 0) continue;
    taken.push({ x, y, right });
    labels.push({ text, x, y, strong: rank < 2 });
  }
  return labels;
}

function titleOf(
  { kind, id, address }: { kind: MapKind; id: string; address: string | null },
  near: boolean,
  short: (address: string) => string,
): string | null {
  if (kind === 'peer' || kind === 'waiting') return id.replace(/^tcp:\/\//i, '');
  return near && address !== null ? short(address) : null;
}
