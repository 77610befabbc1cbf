import { sparkPath } from './spark-path.ts';

const width = 88;
const height = 24;

/** The last minute as a line; the number beside it says the rest, so screen readers pass over it. */
export function Sparkline({ values, top }: { values: readonly number[]; top: number }) {
  return (
    <svg aria-hidden width={width} height={height} viewBox={`0 0 ${width} ${height}`} className="shrink-0 text-accent">
      <path d={`M0 ${height - 0.5}H${width}`} stroke="var(--line)" strokeWidth={1} />
      <path
        d={sparkPath(values, top, width, height, 60)}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}
