import type { Benchmark } from './benchmark.ts';
import type { Outcome } from './contest.ts';
import { figureOf, summarise, type Times, worst } from './statistics.ts';
import { shown } from './value.ts';

/** The one line of `--json`. `value` is a ratio (`unit` "ratio") where there is a rival, else in the benchmark's unit. */
export function jsonLine(benchmark: Benchmark, outcome: Outcome): string {
  const { times, value } = worst(outcome.times, benchmark.better);
  return JSON.stringify({
    name: benchmark.name,
    value: Number(value.toPrecision(4)),
    unit: times.rival === null ? (benchmark.unit ?? 's') : 'ratio',
    better: benchmark.better,
    rival: benchmark.rival,
    runs: times.ours.length,
  });
}

/** The table for people: every run, then min, median and max, the figure of each contest and the one that counts. */
export function table(benchmark: Benchmark, outcome: Outcome, notes: readonly string[]): string {
  const longest = Math.max(...outcome.times.map((one) => one.ours.length));
  const runs = Array.from({ length: longest }, (_, at) => `run ${at + 1}`);
  const rows = outcome.times.flatMap((one) => rowsOf(benchmark, one));
  const counts = worst(outcome.times, benchmark.better);
  const formula = benchmark.better === 'higher' ? 'rival / ours' : 'ours / rival';
  const unit = benchmark.unit ?? 's';
  const figure =
    counts.times.rival === null ? `${shown(counts.value, unit)} ${unit}` : `${counts.value.toFixed(2)} (${formula})`;
  const which = outcome.times.length > 1 ? `, on ${counts.times.contest}, the worse` : '';
  const against = benchmark.rival === null ? '' : ` against ${benchmark.rival}`;
  return [
    `${benchmark.name}${against}, ${unit === 's' ? 'seconds' : unit}`,
    '',
    ...align([['', '', ...runs, 'min', 'median', 'max', 'figure'], ...rows]),
    '',
    ...outcome.notes.map((note) => `${note.contest}, ${note.side}: ${note.text}`),
    ...notes,
    '',
    `${benchmark.name}: ${figure}${which}; ${benchmark.better} is better`,
  ].join('\n');
}

function rowsOf(benchmark: Benchmark, times: Times): string[][] {
  const row = (side: string, values: readonly number[], figure: string) => {
    const { min, median, max } = summarise(values);
    return [
      times.contest,
      side,
      ...[...values, min, median, max].map((value) => shown(value, benchmark.unit ?? 's')),
      figure,
    ];
  };
  const figure = times.rival === null ? '' : figureOf(times, benchmark.better).toFixed(2);
  const ours = row('ours', times.ours, figure);
  return times.rival === null ? [ours] : [ours, row('rival', times.rival, '')];
}

/** Columns as wide as their widest cell; words to the left, numbers to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((sum, row) => row.map((cell, at) => Math.max(cell.length, sum[at] ?? 0)), []);
  return rows.map((row) =>
    row
      .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
