import type { Logger } from '#core/host.ts';
import { createSettler } from '#core/store/sync-log.ts';
import { crcOf, crcOfParts } from '../layout/crc.ts';
import type { Position } from '../layout/cursor.ts';
import {
  dataHeaderBytes,
  dataRecordBytes,
  decodeDataRecord,
  decodeIndexRecord,
  deleted,
  encodeDataRecord,
  encodeIndexHeader,
  encodeIndexRecord,
  type IndexRecord,
  indexFlagsAt,
  indexHeaderBytes,
  indexRecordBytes,
  type Mode,
  slotBytes,
} from '../layout/records.ts';
import { limits } from '../wire/limits.ts';
import type { Word } from '../wire/request-parser.ts';
import type { Disk } from './disk.ts';
import { finishEmptying } from './empty.ts';
import { createPairFiles, type PairFiles } from './files.ts';
import type { Entry } from './key-table.ts';
import { type LoadReport, loadStore, makePair } from './load.ts';
import { countLive, decodeSeqKey, encodeSeqKey, keyText, type Pair } from './state.ts';

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

export type Put =
  | { readonly kind: 'stored'; readonly key: Uint8Array }
  /** The very same bytes are stored already. */
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly file: 'data' | 'index' };

/** What was read is not what was stored, or could not be read. */
export type ReadFault = 'wrong' | 'unreadable';

export interface RawRecord {
  readonly key: Uint8Array;
  readonly previous: number;
  readonly crc: number;
  readonly flags: number;
  readonly timestamp: number;
  readonly payload: Uint8Array;
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

/** The keys and values of one namespace on disk. Calls are synchronous but for what waits for the disk. */
export interface DataStore {
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
  counts: StoreCounts;
  find(key: Uint8Array): Entry | null;
  /** `key` null: the next key of sequential mode. `existing` is what {@link find} says of the key now. */
  put(key: Uint8Array | null, existing: Entry | null, value: Word, timestamp: number): Put;
  remove(key: Uint8Array, existing: Entry, timestamp: number): 'data' | 'index' | null;
  /** Fill `target` (of the entry's length) with the value. @returns null when these are the bytes that were stored */
  read(entry: Entry, keyLength: number, target: Uint8Array): ReadFault | null;
  /** The record at a place of the index, whatever the place; null when none can be there. */
  recordAt(position: Position): IndexRecord | null;
  entryOf(record: IndexRecord, position: Position): Entry;
  /** Pairs in order, for walking; `isCurrent` says whether a record is its key's newest version. */
  pairs(): readonly Pair[];
  isCurrent(record: IndexRecord, position: Position): boolean;
  readIndex(file: number, target: Uint8Array, offset: number): number;
  raw(file: number, offset: number): RawRecord | 'eof' | 'invalid' | 'unreadable';
  /** Close the pair and begin the next. @returns false when that could not be done */
  jump(): boolean;
  /** Index files changed in place. */
  dirty(): readonly number[];
  resetDirty(): void;
  /** All that was written so far is durable; null where the policy does not ask for that before acknowledging. */
  acknowledged(): Promise<void> | null;
  /** All that was written so far is durable. */
  settled(): Promise<void>;
  /** Write a live value again at the end, its place in the index and its time as they are. @returns false when that failed */
  move(record: IndexRecord, position: Position): boolean;
  /** Nothing live is in a data file, and never will be again. */
  isDead(file: number): boolean;
  /** Cut a data file down to its header; only one that was dead before all was last made durable. */
  dropData(file: number): boolean;
  /** The data file of which most is dead, if that is at least `share` of it; the active one is never named. */
  mostlyDead(share: number, except?: ReadonlySet<number>): number | null;
  closed(): boolean;
  /** Its data file was not cleared since. */
  hasData(entry: Entry): boolean;
  /** What went wrong for good: nothing is written any more until the namespace is loaded again. */
  broken(): Error | null;
  close(): Promise<void>;
}

const fourGiB = 0xffff_ffff;
/** Marks not yet made that are held at most; more make a sync due. */
const marksMost = 10_000;

export function openDataStore(options: DataStoreOptions): DataStore {
  const { disk, log } = options;
  disk.makeDirectory(options.indexDirectory);
  disk.makeDirectory(options.dataDirectory);
  finishEmptying(disk, options.indexDirectory, options.dataDirectory);
  const files: PairFiles = createPairFiles(disk, options.indexDirectory, options.dataDirectory);
  let loaded: ReturnType<typeof loadStore>;
  try {
    loaded = loadStore(disk, files, disk.names(options.indexDirectory), options.mode);
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
  const dirty = new Set<number>();
  /** Records to be marked superseded once what replaces them is durable. */
  let marks: Position[] = [];
  let broken: Error | null = null;
  let closed = false;
  let cancelTimer: (() => void) | null = null;

  const active = (): Pair => state.pairs[state.pairs.length - 1] as Pair;
  const fault = (kind: 'index' | 'data', error: unknown): void => {
    counts[`${kind}Errors`]++;
    counts[`${kind}ErrorAt`] = Math.floor(options.now() / 1000);
    log.warn({ directory: options.indexDirectory, error: String(error) }, `a ${kind} file could not be used`);
  };

  const mark = (position: Position): void => {
    disk.write(files.open('i', position.file), [Uint8Array.of(deleted)], position.offset + indexFlagsAt);
    files.touched('i', position.file);
  };
  const syncAll = async (): Promise<void> => {
    if (broken !== null) throw broken;
    const due = marks;
    marks = [];
    const held = files.takeUnsynced();
    try {
      // Durable data without its index record is cut off at the next start, and so is the other way round.
      await Promise.all(held.map(({ file }) => disk.sync(file)));
    } catch (error) {
      // What the system gave up writing it may forget: only reading it all again tells what is there.
      broken = error as Error;
      fault('data', error);
      throw error;
    } finally {
      for (const { release } of held) release();
    }
    try {
      for (const position of due) mark(position);
    } catch (error) {
      // A superseded record without its mark is found and marked at the next start.
      fault('index', error);
    }
  };
  const settler = createSettler(syncAll);
  const touched = (): void => {
    settler.touched();
    if (options.sync.kind === 'interval') {
      cancelTimer ??= options.setTimer(options.sync.ms, () => {
        cancelTimer = null;
        settler.settled().catch(() => {});
      });
    }
    if (marks.length > marksMost) settler.settled().catch(() => {});
  };

  const readIndex = (file: number, target: Uint8Array, offset: number): number => {
    try {
      const read = disk.read(files.open('i', file), target, offset);
      counts.indexRead += read;
      return read;
    } catch (error) {
      fault('index', error);
      return 0;
    }
  };
  const pairOf = (file: number): Pair | null => state.pairs[file] ?? null;
  const recordAt = ({ file, offset }: Position): IndexRecord | null => {
    const pair = pairOf(file);
    if (pair === null || offset < indexHeaderBytes || offset >= pair.indexEnd) return null;
    const size = state.mode === 'seq' ? slotBytes : Math.min(indexRecordBytes + 255, pair.indexEnd - offset);
    const bytes = new Uint8Array(size);
    const read = readIndex(file, bytes, offset);
    const record = decodeIndexRecord(bytes.subarray(0, read));
    return record === null || record.length > limits.word ? null : record;
  };
  const entryOf = (record: IndexRecord, position: Position): Entry => ({
    indexFile: position.file,
    indexOffset: position.offset,
    dataFile: state.mode === 'seq' ? record.dataFile : position.file,
    dataOffset: record.dataOffset,
    length: record.length,
    crc: record.crc,
    timestamp: record.timestamp,
    parentFile: record.parentFile,
    parentOffset: record.parentOffset,
  });
  const slotOf = (id: number): Position | null => {
    if (id >= state.nextId) return null;
    let low = 0;
    let high = state.pairs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((state.pairs[middle] as Pair).firstId <= id) low = middle;
      else high = middle - 1;
    }
    const pair = state.pairs[low] as Pair;
    return { file: pair.id, offset: indexHeaderBytes + (id - pair.firstId) * slotBytes };
  };
  const find = (key: Uint8Array): Entry | null => {
    if (state.mode === 'user') return state.keys.get(keyText(key));
    const id = decodeSeqKey(key);
    const position = id === null ? null : slotOf(id);
    if (position === null) return null;
    const record = recordAt(position);
    return record === null || record.flags & deleted ? null : entryOf(record, position);
  };

  const read = (entry: Entry, keyLength: number, target: Uint8Array): ReadFault | null => {
    if (entry.length === 0) return null;
    try {
      const from = entry.dataOffset + dataRecordBytes + keyLength;
      const done = disk.read(files.open('d', entry.dataFile), target, from);
      counts.dataRead += done;
      if (done !== target.length) return 'unreadable';
    } catch (error) {
      fault('data', error);
      return 'unreadable';
    }
    return crcOf(target) === entry.crc ? null : 'wrong';
  };

  const appendData = (key: Uint8Array, value: Word, crc: number, flags: number, timestamp: number): number => {
    const pair = active();
    const offset = pair.dataEnd;
    const file = files.open('d', pair.id);
    const head = encodeDataRecord({
      keyLength: key.length,
      length: value.length,
      previous: state.previousData,
      crc,
      flags,
      timestamp,
    });
    disk.write(file, [Buffer.concat([head, key]), ...value.parts], offset);
    files.touched('d', pair.id);
    counts.dataWritten += head.length + key.length + value.length;
    return offset;
  };
  /** Take back what was appended in part or in vain; where that fails too, the next append overwrites it. */
  const cutData = (): void => {
    const pair = active();
    try {
      disk.truncate(files.open('d', pair.id), pair.dataEnd);
    } catch (error) {
      fault('data', error);
    }
  };
  const cutIndex = (): void => {
    const pair = active();
    try {
      disk.truncate(files.open('i', pair.id), pair.indexEnd);
    } catch (error) {
      fault('index', error);
    }
  };
  const appendIndex = (record: Omit<IndexRecord, 'previous'>): Position => {
    const pair = active();
    const bytes = encodeIndexRecord({ ...record, previous: state.previousIndex });
    disk.write(files.open('i', pair.id), [bytes], pair.indexEnd);
    files.touched('i', pair.id);
    counts.indexWritten += bytes.length;
    const offset = pair.indexEnd;
    pair.indexEnd += bytes.length;
    pair.lastRecord = offset;
    pair.records++;
    state.previousIndex = offset;
    return { file: pair.id, offset };
  };

  const isDead = (file: number): boolean => file < active().id && (state.liveCount.get(file) ?? 0) === 0;

  const jump = (): boolean => {
    const from = active();
    const id = from.id + 1;
    try {
      // The next pair is only begun when this one can no longer be torn: in sequential mode its keys count on from here.
      disk.syncNow(files.open('d', from.id));
      disk.syncNow(files.open('i', from.id));
      makePair(disk, files, id, state.mode);
      disk.syncDirectory(options.dataDirectory);
      disk.syncDirectory(options.indexDirectory);
    } catch (error) {
      fault('data', error);
      return false;
    }
    state.pairs.push({
      id,
      indexEnd: indexHeaderBytes,
      dataEnd: dataHeaderBytes,
      lastRecord: 0,
      records: 0,
      firstId: from.firstId + from.records,
    });
    state.previousData = 0;
    settler.touched();
    options.onJump?.(
      from.id,
      id,
      [...dirty].sort((a, b) => a - b),
    );
    return true;
  };
  const makeRoom = (keyLength: number, length: number): boolean => {
    const pair = active();
    if (pair.dataEnd === dataHeaderBytes) return true;
    const full = pair.dataEnd + length > options.datasize;
    const tooFar =
      pair.dataEnd + dataRecordBytes + keyLength + length > fourGiB ||
      pair.indexEnd + 2 * (indexRecordBytes + keyLength) > fourGiB;
    return !(full || tooFar) || jump();
  };

  const isSame = (existing: Entry, keyLength: number, value: Word): boolean => {
    if (existing.length !== value.length) return false;
    const stored = new Uint8Array(existing.length);
    if (read(existing, keyLength, stored) !== null) return false;
    let at = 0;
    for (const part of value.parts) {
      if (Buffer.compare(part, stored.subarray(at, at + part.length)) !== 0) return false;
      at += part.length;
    }
    return true;
  };

  const replaceSlot = (id: number, existing: Entry, key: Uint8Array, record: Omit<IndexRecord, 'previous'>): void => {
    const position = slotOf(id) as Position;
    const slot = recordAt(position);
    if (slot === null) throw new Error('the record to replace cannot be read');
    const shadow = appendIndex({ ...slot, key, dataFile: existing.dataFile, flags: deleted });
    state.nextId++;
    // The slot is overwritten in place: only once the new version could no longer be lost may the old one be.
    disk.syncNow(files.open('d', active().id));
    disk.syncNow(files.open('i', active().id));
    const bytes = encodeIndexRecord({
      ...record,
      previous: slot.previous,
      parentFile: shadow.file,
      parentOffset: shadow.offset,
    });
    disk.write(files.open('i', position.file), [bytes], position.offset);
    files.touched('i', position.file);
    dirty.add(position.file);
  };

  return {
    report,
    counts,
    mode: () => state.mode,
    fresh: () => state.pairs.length === 1 && active().records === 0 && active().dataEnd === dataHeaderBytes,
    setMode(mode) {
      disk.write(files.open('i', 0), [encodeIndexHeader(0, mode)], 0);
      files.touched('i', 0);
      state.mode = mode;
      touched();
    },
    stats: () => ({
      entries: state.entries,
      liveBytes: state.liveBytes,
      nextId: state.nextId,
      memory: state.mode === 'user' ? state.entries * 104 : 0,
      dataFile: active().id,
      dataEnd: active().dataEnd,
      onDisk: state.pairs.reduce((sum, pair) => sum + pair.dataEnd + pair.indexEnd, 0),
    }),
    find,
    put(wanted, existing, value, timestamp) {
      if (broken !== null || closed) return { kind: 'refused', file: 'data' };
      const crc = crcOfParts(value.parts);
      if (existing !== null && existing.crc === crc && isSame(existing, wanted?.length ?? 0, value))
        return { kind: 'same' };
      if (!makeRoom(wanted?.length ?? 8, value.length)) return { kind: 'refused', file: 'data' };
      const key = wanted === null ? encodeSeqKey(state.nextId) : Uint8Array.from(wanted);
      let dataOffset: number;
      try {
        dataOffset = appendData(key, value, crc, 0, timestamp);
      } catch (error) {
        fault('data', error);
        cutData();
        return { kind: 'refused', file: 'data' };
      }
      const pair = active();
      const record = {
        key,
        dataOffset,
        length: value.length,
        flags: 0,
        dataFile: pair.id,
        timestamp,
        crc,
        parentFile: 0,
        parentOffset: 0,
      };
      const seqId = state.mode === 'seq' && existing !== null ? decodeSeqKey(key) : null;
      let position: Position;
      try {
        if (seqId !== null && existing !== null) {
          replaceSlot(seqId, existing, key, record);
          position = { file: existing.indexFile, offset: existing.indexOffset };
        } else {
          position = appendIndex(
            existing === null
              ? record
              : { ...record, parentFile: existing.indexFile, parentOffset: existing.indexOffset },
          );
        }
      } catch (error) {
        fault('index', error);
        cutIndex();
        if (seqId === null) cutData();
        else {
          // A shadow that was written stays, and with it the value: a burnt key and some space.
          pair.dataEnd = dataOffset + dataRecordBytes + key.length + value.length;
          state.previousData = dataOffset;
        }
        return { kind: 'refused', file: 'index' };
      }
      pair.dataEnd = dataOffset + dataRecordBytes + key.length + value.length;
      state.previousData = dataOffset;
      countLive(state, pair.id, value.length, 1);
      if (existing !== null) countLive(state, existing.dataFile, -existing.length, -1);
      if (existing === null) state.entries++;
      if (seqId === null && existing === null) state.nextId++;
      if (state.mode === 'user') {
        const text = keyText(key);
        const entry = { ...entryOf({ ...record, previous: 0 }, position) };
        if (existing !== null) {
          marks.push({ file: existing.indexFile, offset: existing.indexOffset });
          dirty.add(existing.indexFile);
        }
        state.keys.set(
          text,
          existing === null ? entry : { ...entry, parentFile: existing.indexFile, parentOffset: existing.indexOffset },
        );
      }
      touched();
      return { kind: 'stored', key };
    },
    remove(key, existing, timestamp) {
      if (broken !== null || closed) return 'data';
      if (!makeRoom(key.length, 0)) return 'data';
      const pair = active();
      let offset: number;
      try {
        offset = appendData(key, { length: 0, parts: [] }, 0, deleted, timestamp);
      } catch (error) {
        fault('data', error);
        cutData();
        return 'data';
      }
      try {
        mark({ file: existing.indexFile, offset: existing.indexOffset });
      } catch (error) {
        fault('index', error);
        cutData();
        return 'index';
      }
      pair.dataEnd = offset + dataRecordBytes + key.length;
      state.previousData = offset;
      dirty.add(existing.indexFile);
      state.entries--;
      countLive(state, existing.dataFile, -existing.length, -1);
      if (state.mode === 'user') state.keys.delete(keyText(key));
      touched();
      return null;
    },
    read,
    recordAt,
    entryOf,
    pairs: () => state.pairs,
    isCurrent(record, position) {
      if (record.flags & deleted) return false;
      if (state.mode === 'seq') return true;
      const entry = state.keys.get(keyText(record.key));
      return entry !== null && entry.indexFile === position.file && entry.indexOffset === position.offset;
    },
    readIndex,
    raw(file, offset) {
      const pair = pairOf(file);
      if (pair === null) return 'invalid';
      try {
        const data = files.open('d', file);
        const size = pair === active() ? pair.dataEnd : disk.size(data);
        if (offset >= size) return 'eof';
        const head = new Uint8Array(dataRecordBytes);
        if (offset < dataHeaderBytes || disk.read(data, head, offset) !== head.length) return 'unreadable';
        const record = decodeDataRecord(head);
        if (record === null || record.keyLength === 0 || record.length > limits.word) return 'unreadable';
        const rest = new Uint8Array(record.keyLength + record.length);
        if (offset + head.length + rest.length > size) return 'unreadable';
        if (disk.read(data, rest, offset + head.length) !== rest.length) return 'unreadable';
        return { ...record, key: rest.subarray(0, record.keyLength), payload: rest.subarray(record.keyLength) };
      } catch (error) {
        fault('data', error);
        return 'unreadable';
      }
    },
    move(record, position) {
      if (broken !== null || closed) return false;
      const entry = entryOf(record, position);
      const value = new Uint8Array(entry.length);
      if (read(entry, record.key.length, value) !== null || !makeRoom(record.key.length, value.length)) return false;
      const pair = active();
      const key = Uint8Array.from(record.key);
      let dataOffset: number;
      try {
        dataOffset = appendData(key, { length: value.length, parts: [value] }, entry.crc, 0, entry.timestamp);
        const moved = { ...record, key, dataOffset, dataFile: pair.id, parentFile: 0, parentOffset: 0 };
        if (state.mode === 'seq') {
          // Its place is its key: overwritten there, once the value cannot be lost any more.
          disk.syncNow(files.open('d', pair.id));
          disk.write(files.open('i', position.file), [encodeIndexRecord(moved)], position.offset);
          files.touched('i', position.file);
        } else {
          const place = appendIndex(moved);
          marks.push(position);
          state.keys.set(keyText(key), entryOf({ ...moved, previous: 0 }, place));
        }
      } catch (error) {
        fault('data', error);
        cutData();
        return false;
      }
      pair.dataEnd = dataOffset + dataRecordBytes + key.length + value.length;
      state.previousData = dataOffset;
      countLive(state, pair.id, entry.length, 1);
      countLive(state, entry.dataFile, -entry.length, -1);
      dirty.add(position.file);
      touched();
      return true;
    },
    isDead,
    dropData(file) {
      const pair = pairOf(file);
      if (pair === null || !isDead(file) || broken !== null || closed) return false;
      try {
        disk.truncate(files.open('d', file), dataHeaderBytes);
        files.touched('d', file);
      } catch (error) {
        fault('data', error);
        return false;
      }
      pair.dataEnd = dataHeaderBytes;
      touched();
      return true;
    },
    mostlyDead(share, except) {
      let worst: number | null = null;
      let most = 0;
      for (const pair of state.pairs.slice(0, -1)) {
        const size = pair.dataEnd - dataHeaderBytes;
        const dead = size - (state.liveIn.get(pair.id) ?? 0);
        if (dead <= most || dead < share * size || except?.has(pair.id)) continue;
        worst = pair.id;
        most = dead;
      }
      return worst;
    },
    closed: () => closed,
    hasData: (entry) => entry.dataOffset + dataRecordBytes + entry.length <= (pairOf(entry.dataFile)?.dataEnd ?? 0),
    jump: () => broken === null && !closed && jump(),
    dirty: () => [...dirty].sort((a, b) => a - b),
    resetDirty: () => dirty.clear(),
    acknowledged: () => (options.sync.kind === 'always' ? settler.settled() : null),
    settled: () => settler.settled(),
    broken: () => broken,
    async close() {
      if (closed) return;
      closed = true;
      cancelTimer?.();
      try {
        await settler.settled();
        // The marks of what was superseded last.
        settler.touched();
        await settler.settled();
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
