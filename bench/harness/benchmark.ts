/**
 * One operation: how long it took or, where the benchmark names a unit of its own, how much of that. `notes` are further facts
 * about it, shown in the table, for example peak memory.
 */
export type Measurement = ({ readonly seconds: number } | { readonly amount: number }) & {
  readonly notes?: Readonly<Record<string, string>>;
};

/** One data set or situation: our time for it and, where there is a rival, its time for the same. */
export interface Contest {
  readonly name: string;
  /** `run` counts from 0. Only the operation is inside the measured time; preparing and clearing up are not. */
  ours(run: number): Promise<Measurement>;
  readonly rival: ((run: number) => Promise<Measurement>) | null;
}

export interface BenchOptions {
  /** Bytes of each data set; null for the benchmark's own. */
  readonly size: number | null;
  /** How long something is to be watched; null for the benchmark's own. */
  readonly seconds: number | null;
}

/** A benchmark made ready: its parts are there, its data is made. */
export interface Prepared {
  readonly contests: readonly Contest[];
  /** What a reader must know to judge the figures: versions, cache state, what is left out. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * One benchmark; each file of bench/ exports one as `benchmark`. With a rival the figure is a ratio of medians of the
 * same interleaved run: rival / ours when higher is better, ours / rival when lower is. Without, it is our median in
 * seconds or the benchmark's unit. Of several contests the worse figure counts.
 */
export interface Benchmark {
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  readonly better: 'higher' | 'lower';
  readonly rival: string | null;
  /** Of what is measured; seconds by default. */
  readonly unit?: string;
  /** Measured runs of each side unless `--runs` says otherwise. */
  readonly runs: number;
  /** One unmeasured pair first, where the first run is known to differ (page cache, compiled code on disk). */
  readonly warmUp: boolean;
  /** @throws Unavailable when a part is missing. */
  prepare(options: BenchOptions): Promise<Prepared>;
}

/** A part that a benchmark needs is not on this computer. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
