export interface Summary {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The middle value; of an even count the mean of the two in the middle. Throws on nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing.');
  // Halved before adding, so that large values do not overflow.
  return lower / 2 + upper / 2;
}

export function summarise(values: readonly number[]): Summary {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

/** How one contest ended, in seconds a run. */
export interface Times {
  readonly contest: string;
  readonly ours: readonly number[];
  readonly rival: readonly number[] | null;
}

/** The figure of one contest: a ratio of medians, or our median in seconds where there is no rival. */
export function figureOf(times: Times, better: 'higher' | 'lower'): number {
  const ours = median(times.ours);
  if (times.rival === null) return ours;
  const rival = median(times.rival);
  return better === 'higher' ? rival / ours : ours / rival;
}

/** The contest that counts: the one with the worse figure. */
export function worst(all: readonly Times[], better: 'higher' | 'lower'): { times: Times; value: number } {
  const figures = all.map((times) => ({ times, value: figureOf(times, better) }));
  const [first, ...others] = figures;
  if (first === undefined) throw new RangeError('There is no worst of nothing.');
  return others.reduce(
    (worse, one) => ((better === 'higher' ? one.value < worse.value : one.value > worse.value) ? one : worse),
    first,
  );
}
