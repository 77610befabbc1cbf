import { shortId } from '../../../lib/format.ts';
import { roleColour } from '../../../ui/colour.ts';
import { labelsIn } from './labels.ts';
import type { MapLayout } from './layout.ts';
import type { View } from './view.ts';

/** The colours of a theme, asked once: reading one costs more than drawing a thousand dots with it. */
export interface Paints {
  readonly surface: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly accent: string;
  readonly link: string;
  readonly font: string;
}

export function paintsOf(element: HTMLElement): Paints {
  return {
    surface: roleColour('surface'),
    line: roleColour('line'),
    lineStrong: roleColour('line-strong'),
    ink: roleColour('ink'),
    inkSoft: roleColour('ink-soft'),
    accent: roleColour('accent'),
    link: roleColour('link'),
    font: getComputedStyle(element).fontFamily,
  };
}

export interface Scene {
  readonly layout: MapLayout;
  /** Where each point is drawn now: its own place, or on the way there. */
  readonly xs: Float64Array;
  readonly ys: Float64Array;
  /** Bytes a second of each point that is a peer. */
  readonly rates: Float64Array;
  readonly view: View;
  readonly width: number;
  readonly height: number;
  /** Indices of the point chosen and of the one under the pointer; -1 for none. */
  readonly chosen: number;
  readonly hovered: number;
  /** What this node is called. */
  readonly me: string;
}

const radii = { me: 9, peer: 6.5, waiting: 5, node: 3 } as const;

/** Dots keep a size that can be hit, whatever the scale. */
const dotScale = (scale: number) => Math.min(1.6, Math.max(0.7, Math.sqrt(scale)));

/** Draw the map: circles of equal cost, links, dots, names. A thousand nodes are some ten path operations. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, paints: Paints): void {
  const { layout, xs, ys, view, width, height } = scene;
  const { points, parents, rings } = layout;
  const sx = (i: number) => view.x + (xs[i] ?? 0) * view.scale;
  const sy = (i: number) => view.y + (ys[i] ?? 0) * view.scale;
  context.clearRect(0, 0, width, height);
  context.lineWidth = 1;

  context.strokeStyle = paints.line;
  context.beginPath();
  for (const ring of rings) {
    context.moveTo(view.x + ring.radius * view.scale, view.y);
    context.arc(view.x, view.y, ring.radius * view.scale, 0, 2 * Math.PI);
  }
  context.stroke();

  // From peers outwards, then from here to peers: as wide as what goes over it.
  context.globalAlpha = 0.75;
  context.beginPath();
  for (let i = 1; i < points.length; i += 1) {
    const parent = parents[i] ?? -1;
    if (parent <= 0) continue;
    context.moveTo(sx(parent), sy(parent));
    context.lineTo(sx(i), sy(i));
  }
  context.stroke();
  context.globalAlpha = 1;
  for (let i = 1; i < points.length && parents[i] === 0; i += 1) {
    const connected = points[i]?.kind === 'peer';
    context.beginPath();
    context.setLineDash(connected ? [] : [3, 5]);
    context.strokeStyle = connected ? paints.accent : paints.lineStrong;
    context.lineWidth = connected ? linkWidth(scene.rates[i] ?? 0) : 1;
    context.moveTo(sx(0), sy(0));
    context.lineTo(sx(i), sy(i));
    context.stroke();
  }
  context.setLineDash([]);

  for (const mark of [scene.hovered, scene.chosen]) {
    if (mark <= 0) continue;
    context.strokeStyle = paints.link;
    context.lineWidth = 2;
    context.beginPath();
    for (let at = mark; at > 0; at = parents[at] ?? -1) {
      const parent = parents[at] ?? 0;
      context.moveTo(sx(at), sy(at));
      context.lineTo(sx(parent), sy(parent));
    }
    context.stroke();
  }

  const size = dotScale(view.scale);
  const dots = (kind: keyof typeof radii, fill: string, stroke: string | null) => {
    const radius = radii[kind] * size;
    context.beginPath();
    for (const [i, point] of points.entries()) {
      if (point.kind !== kind) continue;
      const [x, y] = [sx(i), sy(i)];
      if (x < -20 || y < -20 || x > width + 20 || y > height + 20) continue;
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fillStyle = fill;
    context.fill();
    if (stroke === null) return;
    context.strokeStyle = stroke;
    context.lineWidth = 1.5;
    context.stroke();
  };
  dots('node', paints.inkSoft, null);
  dots('waiting', paints.surface, paints.lineStrong);
  dots('peer', paints.accent, paints.surface);
  dots('me', paints.ink, paints.surface);

  for (const mark of [scene.hovered, scene.chosen]) {
    const point = points[mark];
    if (!point) continue;
    context.strokeStyle = paints.link;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(sx(mark), sy(mark), radii[point.kind] * size + 4, 0, 2 * Math.PI);
    context.stroke();
  }
  write(context, scene, paints, size);
}

/** A hair when idle, a finger at some MiB a second. */
function linkWidth(rate: number): number {
  return 1.25 + Math.min(6, Math.log2(1 + rate / 2048) * 0.55);
}

function write(context: CanvasRenderingContext2D, scene: Scene, paints: Paints, size: number): void {
  context.font = `12px ${paints.font}`;
  context.textBaseline = 'middle';
  context.textAlign = 'start';
  context.lineJoin = 'round';
  const labels = labelsIn(scene, (text) => context.measureText(text).width, {
    offset: (kind) => radii[kind] * size + 5,
    short: (address) => shortId(address, 9, 4),
  });
  // A border in the colour of the ground keeps words readable over lines.
  context.strokeStyle = paints.surface;
  context.lineWidth = 3.5;
  for (const label of labels) context.strokeText(label.text, label.x, label.y);
  for (const label of labels) {
    context.fillStyle = label.strong ? paints.ink : paints.inkSoft;
    context.fillText(label.text, label.x, label.y);
  }
}
