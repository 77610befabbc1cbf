import { dataHeaderBytes, encodeIndexHeader, type Mode } from '../layout/records.ts';
import { createAppender } from './append.ts';
import { createBase, type DataStoreOptions, type StoreCounts } from './base.ts';
import { type Changes, createChanges } from './change.ts';
import { createDurability, type Durability } from './durable.ts';
import { finishEmptying } from './empty.ts';
import { createPairFiles, type PairFiles } from './files.ts';
import { type LoadReport, loadStore } from './load.ts';
import { createLookup, type Lookup } from './lookup.ts';
import { createSpace, type Space } from './space.ts';
import type { Pair } from './state.ts';

/** The keys and values of one namespace on disk. Calls are synchronous but for what waits for the disk. */
export interface DataStore
  extends Omit<Lookup, 'slotOf'>,
    Changes,
    Space,
    Pick<Durability, 'settled' | 'settledMarks'> {
  readonly report: LoadReport;
  mode(): Mode;
  /** Nothing was ever written. */
  fresh(): boolean;
  /** Only while fresh. */
  setMode(mode: Mode): void;
  stats(): {
    entries: number;
    liveBytes: number;
    nextId: number;
    memory: number;
    dataFile: number;
    dataEnd: number;
    /** Bytes of all files. */
    onDisk: number;
  };
  /** Bytes of live payload, which is what a limit counts. */
  liveBytes(): number;
  /** Bytes of all index files. */
  indexBytes(): number;
  counts: StoreCounts;
  /** Pairs in order, for walking; `isCurrent` says whether a record is its key's newest version. */
  pairs(): readonly Pair[];
  /** Close the pair and begin the next. @returns false when that could not be done */
  jump(): boolean;
  /** Index files changed in place. */
  dirty(): readonly number[];
  resetDirty(): void;
  /** All that was written so far is durable; null where the policy does not ask for that before acknowledging. */
  acknowledged(): Promise<void> | null;
  closed(): boolean;
  /** What went wrong for good: nothing is written any more until the namespace is loaded again. */
  broken(): Error | null;
  close(): Promise<void>;
}

/** What 0-db counts of memory for a key of user mode. */
const memoryPerKey = 104;

export function openDataStore(options: DataStoreOptions): DataStore {
  const { disk, log } = options;
  disk.makeDirectory(options.indexDirectory);
  disk.makeDirectory(options.dataDirectory);
  finishEmptying(disk, options.indexDirectory, options.dataDirectory);
  const files: PairFiles = createPairFiles(disk, options.indexDirectory, options.dataDirectory);
  let loaded: ReturnType<typeof loadStore>;
  try {
    const names = disk.names(options.indexDirectory);
    loaded = loadStore(disk, files, names, options.mode);
    if (!names.includes('i0')) {
      // A file whose name a power cut takes is not there, however durable it is.
      disk.syncDirectory(options.dataDirectory);
      disk.syncDirectory(options.indexDirectory);
    }
  } catch (error) {
    files.closeAll();
    throw error;
  }
  const { state, report } = loaded;
  if (report.cut > 0 || report.marked > 0) {
    log.info(
      { directory: options.indexDirectory, ...report },
      'a namespace was not closed properly; its end is repaired',
    );
  }
  const base = createBase(options, files, state);
  const { active, dirty } = base;
  const durability = createDurability(base);
  const lookup = createLookup(base);
  const append = createAppender(base, durability.touched);

  return {
    ...lookup,
    ...createChanges(base, lookup, append, durability),
    ...createSpace(base, lookup, append, durability),
    report,
    counts: base.counts,
    mode: () => state.mode,
    fresh: () => state.pairs.length === 1 && active().records === 0 && active().dataEnd === dataHeaderBytes,
    setMode(mode) {
      disk.write(files.open('i', 0), [encodeIndexHeader(0, mode)], 0);
      files.touched('i', 0);
      state.mode = mode;
      durability.touched();
    },
    stats: () => ({
      entries: state.entries,
      liveBytes: state.liveBytes,
      nextId: state.nextId,
      memory: state.mode === 'user' ? state.entries * memoryPerKey : 0,
      dataFile: active().id,
      dataEnd: active().dataEnd,
      onDisk: state.pairs.reduce((sum, pair) => sum + pair.dataEnd, state.indexBytes),
    }),
    liveBytes: () => state.liveBytes,
    indexBytes: () => state.indexBytes,
    pairs: () => state.pairs,
    closed: () => base.closed,
    jump: () => base.broken === null && !base.closed && append.jump(),
    dirty: () => [...dirty].sort((a, b) => a - b),
    resetDirty: () => dirty.clear(),
    acknowledged: () => (options.sync.kind === 'always' ? durability.settled() : null),
    settled: durability.settled,
    settledMarks: durability.settledMarks,
    broken: () => base.broken,
    async close() {
      if (base.closed) return;
      base.closed = true;
      try {
        await durability.close();
      } catch (error) {
        log.warn(
          { directory: options.indexDirectory, error: String(error) },
          'a namespace could not be made durable at its end',
        );
      } finally {
        files.closeAll();
      }
    },
  };
}
