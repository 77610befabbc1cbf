import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { onThemeChange, roleColour } from './colour.ts';

export interface ChartProps {
  /** Seconds since 1970 and one list of values a line. */
  times: readonly number[];
  lines: readonly { readonly label: string; readonly values: readonly number[]; readonly role: string }[];
  /** Fixed top of the scale; otherwise it follows the data. */
  top?: number;
  /** With axes and a taller plot, or as a bare line. */
  axes: boolean;
  format: (value: number) => string;
  time: (at: number) => string;
}

/** A line chart on canvas. What it shows is also said in numbers beside it, so it is hidden from screen readers. */
export default function Chart({ times, lines, top, axes, format, time }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | null>(null);
  const latest = useRef({ times, lines, format, time });
  latest.current = { times, lines, format, time };
  const shape = `${axes}${top}${lines.map((line) => line.role).join()}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `shape` stands for what the plot is built from
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let colours = new Map<string, string>();
    const colour = (role: string) => {
      const known = colours.get(role) ?? roleColour(role);
      colours.set(role, known);
      return known;
    };
    const font = `11px ${getComputedStyle(element).fontFamily}`;
    const axis = { stroke: () => colour('ink-soft'), font, ticks: { show: false } };
    const grid = { stroke: () => colour('line'), width: 1 };
    const height = axes ? 168 : 48;
    const made = new UPlot(
      {
        width: element.clientWidth || 320,
        height,
        legend: { show: false },
        cursor: { show: axes, points: { show: false }, drag: { x: false, y: false } },
        scales: { x: { time: true }, y: { range: (_, __, max) => edged(top ?? roundTop(max ?? 0)) } },
        axes: [
          {
            ...axis,
            show: axes,
            size: 28,
            grid: { show: false },
            values: (_, splits) => splits.map((s) => latest.current.time(s * 1000)),
            space: 90,
          },
          {
            ...axis,
            show: axes,
            grid,
            size: 76,
            splits: (_, __, ___, max) => [0, 0.5, 1].map((part) => (part * max) / (1 + edge)),
            values: (_, splits) => splits.map((s) => latest.current.format(s)),
          },
        ],
        series: [
          {},
          ...latest.current.lines.map((line) => ({
            stroke: () => colour(line.role),
            width: 1.5,
            points: { show: false },
          })),
        ],
      },
      dataOf(latest.current),
      element,
    );
    plot.current = made;
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    resize.observe(element);
    const unfollow = onThemeChange(() => {
      colours = new Map();
      made.redraw();
    });
    return () => {
      resize.disconnect();
      unfollow();
      made.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => plot.current?.setData(dataOf({ times, lines })), [times, lines]);
  return <div ref={box} aria-hidden className="w-full overflow-hidden" />;
}

/** Room below nothing and above the top, as a share of the scale: at the very edge half of a line would be cut off, and nothing at all look empty. */
const edge = 0.04;
const edged = (most: number): [number, number] => [-edge * most, (1 + edge) * most];

/** The top of a scale of bytes a second: the next power of two above what is shown, 1 KiB at least. */
const roundTop = (most: number) => 2 ** Math.max(10, Math.ceil(Math.log2(Math.max(1, most * 1.05))));

const dataOf = ({ times, lines }: Pick<ChartProps, 'times' | 'lines'>): UPlot.AlignedData =>
  [times as number[], ...lines.map((line) => line.values as number[])] as UPlot.AlignedData;
