import type { Logger } from '#core/host.ts';
import type { Mode } from '../layout/records.ts';
import type { Disk } from './disk.ts';
import type { PairFiles } from './files.ts';
import type { Pair, StoreState } from './state.ts';

/** When what was acknowledged must have reached the disk. */
export type SyncPolicy =
  /** Before it is acknowledged; those who wait share one sync. */
  | { readonly kind: 'always' }
  /** At most so many milliseconds after; a power cut costs what was acknowledged since. A killed process costs nothing. */
  | { readonly kind: 'interval'; readonly ms: number }
  /** When a pair of files is full and at the end. */
  | { readonly kind: 'rotate' };

export interface DataStoreOptions {
  readonly disk: Disk;
  readonly indexDirectory: string;
  readonly dataDirectory: string;
  /** A pair of files is followed by the next when a value would take its data past this. */
  readonly datasize: number;
  readonly sync: SyncPolicy;
  /** For a namespace that has no files yet. */
  readonly mode: Mode;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly log: Logger;
  /** The active pair is full: from, to, and index files changed in place since they were last asked for. */
  readonly onJump?: (from: number, to: number, dirty: readonly number[]) => void;
}

/** Errors while reading and writing, as NSINFO and INFO tell them. */
export interface StoreCounts {
  indexErrors: number;
  dataErrors: number;
  indexErrorAt: number;
  dataErrorAt: number;
  indexRead: number;
  indexWritten: number;
  dataRead: number;
  dataWritten: number;
}

/** What the parts of an open store share. */
export interface StoreBase {
  readonly options: DataStoreOptions;
  readonly disk: Disk;
  readonly files: PairFiles;
  readonly state: StoreState;
  readonly counts: StoreCounts;
  /** Index files changed in place since somebody asked. */
  readonly dirty: Set<number>;
  /** The pair that is written to. */
  active(): Pair;
  pairOf(file: number): Pair | null;
  /** Count and log an error of the disk. */
  fault(kind: 'index' | 'data', error: unknown): void;
  /** What went wrong for good: nothing is written any more until the namespace is loaded again. */
  broken: Error | null;
  closed: boolean;
}

export function createBase(options: DataStoreOptions, files: PairFiles, state: StoreState): StoreBase {
  const counts: StoreCounts = {
    indexErrors: 0,
    dataErrors: 0,
    indexErrorAt: 0,
    dataErrorAt: 0,
    indexRead: 0,
    indexWritten: 0,
    dataRead: 0,
    dataWritten: 0,
  };
  return {
    options,
    disk: options.disk,
    files,
    state,
    counts,
    dirty: new Set(),
    active: () => state.pairs[state.pairs.length - 1] as Pair,
    pairOf: (file) => state.pairs[file] ?? null,
    fault(kind, error) {
      counts[`${kind}Errors`]++;
      counts[`${kind}ErrorAt`] = Math.floor(options.now() / 1000);
      options.log.warn({ directory: options.indexDirectory, error: String(error) }, `a ${kind} file could not be used`);
    },
    broken: null,
    closed: false,
  };
}
