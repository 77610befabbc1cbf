import type { Benchmark, Contest, Measurement, Prepared } from './benchmark.ts';
import type { Times } from './statistics.ts';
import { amountOf, shown } from './value.ts';

/** Everything one run of a benchmark brought. */
export interface Outcome {
  readonly times: readonly Times[];
  /** Beside `times`, the notes of each measurement. */
  readonly notes: readonly { readonly contest: string; readonly side: 'ours' | 'rival'; readonly text: string }[];
}

export type Progress = (line: string) => void;

/**
 * Run every contest: ours, rival, ours, rival … so that whatever else the computer does meanwhile falls on both alike.
 */
export async function hold(benchmark: Benchmark, prepared: Prepared, runs: number, say: Progress): Promise<Outcome> {
  const times: Times[] = [];
  const notes: { contest: string; side: 'ours' | 'rival'; text: string }[] = [];
  for (const contest of prepared.contests) {
    const ours: number[] = [];
    const rival: number[] = [];
    const last = new Map<'ours' | 'rival', Measurement>();
    const first = benchmark.warmUp ? -1 : 0;
    for (let run = first; run < runs; run += 1) {
      for (const side of sidesOf(contest)) {
        const measured = await side.measure(run - first);
        const value = amountOf(measured);
        const unit = benchmark.unit ?? 's';
        say(`${contest.name}, ${run < 0 ? 'warm-up' : `run ${run + 1}`}, ${side.name}: ${shown(value, unit)} ${unit}`);
        if (run < 0) continue;
        (side.name === 'ours' ? ours : rival).push(value);
        last.set(side.name, measured);
      }
    }
    times.push({ contest: contest.name, ours, rival: contest.rival === null ? null : rival });
    for (const [side, { notes: found = {} }] of last) {
      for (const [key, value] of Object.entries(found))
        notes.push({ contest: contest.name, side, text: `${key} ${value}` });
    }
  }
  return { times, notes };
}

function sidesOf(contest: Contest) {
  const ours = { name: 'ours' as const, measure: (run: number) => contest.ours(run) };
  const { rival } = contest;
  return rival === null ? [ours] : [ours, { name: 'rival' as const, measure: rival }];
}
