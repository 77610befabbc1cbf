import {
  dataHeaderBytes,
  dataRecordBytes,
  decodeDataRecord,
  decodeIndexHeader,
  decodeIndexRecord,
  deleted,
  encodeDataHeader,
  encodeIndexHeader,
  indexFlagsAt,
  indexHeaderBytes,
  indexRecordBytes,
  isDataHeader,
  type Mode,
} from '../layout/records.ts';
import { limits } from '../wire/limits.ts';
import type { Disk } from './disk.ts';
import type { PairFiles } from './files.ts';
import { createKeyTable } from './key-table.ts';
import { countLive, keyText, type Pair, type StoreState, seqKeyBytes } from './state.ts';

/** The files of a namespace cannot be used as they are. */
export class DamagedNamespace extends Error {
  override readonly name = 'DamagedNamespace';
}

export interface LoadReport {
  /** Bytes cut off the ends of files: what was being written when the computer or the program stopped. */
  readonly cut: number;
  /** Superseded records that were not marked as such yet. */
  readonly marked: number;
}

const readAtOnce = 1 << 20;
const largestRecord = indexRecordBytes + 255;

/**
 * Read the index files of a namespace from the first on and repair how the last pair ends. Makes the first pair where there
 * is none. @throws DamagedNamespace, or the system's error
 */
export function loadStore(
  disk: Disk,
  files: PairFiles,
  names: readonly string[],
  freshMode: Mode,
): { state: StoreState; report: LoadReport } {
  const present = new Set(names);
  let count = 0;
  while (present.has(`i${count}`)) count++;
  if (count === 0) {
    makePair(disk, files, 0, freshMode);
    count = 1;
  }
  const mode = modeOf(disk, files, count, freshMode);
  const state: StoreState = {
    mode,
    pairs: [],
    keys: createKeyTable(),
    entries: 0,
    indexBytes: 0,
    liveBytes: 0,
    liveIn: new Map(),
    liveCount: new Map(),
    nextId: 0,
    previousIndex: 0,
    previousData: 0,
  };
  const ends = new Map<number, { end: number; last: number }>();
  let cut = 0;
  let marked = 0;
  for (let id = 0; id < count; id++) {
    const pair = replay(disk, files, state, id, id === count - 1, ends);
    cut += pair.cut;
    marked += pair.marked;
    state.pairs.push(pair.pair);
    state.indexBytes += pair.pair.indexEnd;
  }
  const active = state.pairs.at(-1);
  if (active !== undefined) cut += endData(disk, files, state, active, ends.get(active.id));
  return { state, report: { cut, marked } };
}

/** Write the headers of a pair; what stood in files of these names is gone. The index file comes last: it is what counts. */
export function makePair(disk: Disk, files: PairFiles, id: number, mode: Mode): void {
  const data = files.create('d', id);
  disk.truncate(data, 0);
  disk.write(data, [encodeDataHeader(id)], 0);
  files.touched('d', id);
  disk.syncNow(data);
  const index = files.create('i', id);
  disk.truncate(index, 0);
  disk.write(index, [encodeIndexHeader(id, mode)], 0);
  files.touched('i', id);
  disk.syncNow(index);
}

function headerOf(disk: Disk, files: PairFiles, id: number): Uint8Array {
  const bytes = new Uint8Array(indexHeaderBytes);
  const read = disk.read(files.open('i', id), bytes, 0);
  return bytes.subarray(0, read);
}

/** The mode all index files agree on. A last pair whose header was being written is made again. */
function modeOf(disk: Disk, files: PairFiles, count: number, freshMode: Mode): Mode {
  let mode: Mode | null = null;
  for (let id = 0; id < count; id++) {
    const bytes = headerOf(disk, files, id);
    const found = decodeIndexHeader(bytes, id);
    if (found !== null && (mode === null || found === mode)) {
      mode = found;
      continue;
    }
    const torn = bytes.length < indexHeaderBytes || bytes.every((byte) => byte === 0);
    if (id === count - 1 && torn) {
      mode ??= freshMode;
      makePair(disk, files, id, mode);
      continue;
    }
    throw new DamagedNamespace(`${files.path('i', id)} does not begin as an index file of this namespace does`);
  }
  return mode ?? freshMode;
}

function replay(
  disk: Disk,
  files: PairFiles,
  state: StoreState,
  id: number,
  isLast: boolean,
  ends: Map<number, { end: number; last: number }>,
): { pair: Pair; cut: number; marked: number } {
  const index = files.open('i', id);
  const size = disk.size(index);
  const pair: Pair = {
    id,
    indexEnd: indexHeaderBytes,
    dataEnd: dataHeaderBytes,
    lastRecord: 0,
    records: 0,
    firstId: state.nextId,
  };
  const dataSizes = new Map<number, number>();
  const dataSize = (file: number): number => {
    let known = dataSizes.get(file);
    if (known === undefined) {
      known = sizeOrNone(disk, files, file);
      dataSizes.set(file, known);
    }
    return known;
  };
  const isSeq = state.mode === 'seq';
  let marked = 0;
  let at = indexHeaderBytes;
  let window = new Uint8Array(0);
  let windowAt = at;
  while (at < size) {
    if (windowAt + window.length - at < largestRecord && windowAt + window.length < size) {
      windowAt = at;
      window = new Uint8Array(Math.min(readAtOnce, size - at));
      if (disk.read(index, window, at) !== window.length)
        throw new DamagedNamespace(`${files.path('i', id)} cannot be read`);
    }
    const record = decodeIndexRecord(window, at - windowAt);
    if (record === null) break; // The last one is not all there.
    const dataFile = isSeq ? record.dataFile : id;
    const dataEnd = record.dataOffset + dataRecordBytes + record.key.length + record.length;
    const keyIsPossible = isSeq ? record.key.length === seqKeyBytes : record.key.length > 0;
    if (!keyIsPossible || record.flags > 3 || record.length > limits.word) {
      if (isLast && restIsZero(disk, index, at, size)) break;
      // In sequential mode a record's place is known whatever the ones before it say; damage stays where it is.
      if (!isSeq) throw new DamagedNamespace(`${files.path('i', id)} is damaged at ${at}`);
    }
    if (isLast && record.dataOffset !== 0 && dataFile === id && dataEnd > dataSize(id)) {
      if (lastsBeyond(disk, id, index, at, size, dataSize(id), isSeq)) break;
    }
    const offset = at;
    at += indexRecordBytes + (isSeq ? seqKeyBytes : record.key.length);
    pair.records++;
    pair.lastRecord = offset;
    state.previousIndex = offset;
    if (record.dataOffset !== 0) {
      const known = ends.get(dataFile);
      if (known === undefined || dataEnd > known.end) ends.set(dataFile, { end: dataEnd, last: record.dataOffset });
    }
    if (isSeq) {
      state.nextId++;
      if (record.flags & deleted) continue;
      state.entries++;
      countLive(state, dataFile, record.length, 1);
      continue;
    }
    const key = keyText(record.key);
    const older = state.keys.get(key);
    if (older !== null) {
      // Superseded or deleted by this one, whichever it is; it was stopped before it could be marked so.
      state.entries--;
      countLive(state, older.dataFile, -older.length, -1);
      disk.write(files.open('i', older.indexFile), [Uint8Array.of(deleted)], older.indexOffset + indexFlagsAt);
      files.touched('i', older.indexFile);
      marked++;
    }
    if (record.flags & deleted) {
      state.keys.delete(key);
      continue;
    }
    if (older === null) state.nextId++;
    state.entries++;
    countLive(state, dataFile, record.length, 1);
    const added = state.keys.set(key, {
      indexFile: id,
      indexOffset: offset,
      dataFile,
      dataOffset: record.dataOffset,
      length: record.length,
      crc: record.crc,
      timestamp: record.timestamp,
      parentFile: record.parentFile,
      parentOffset: record.parentOffset,
    });
    if (!added) throw new DamagedNamespace('more keys than can be held');
  }
  pair.indexEnd = at;
  const cut = size - at;
  if (cut > 0) {
    if (!isLast) throw new DamagedNamespace(`${files.path('i', id)} ends in the middle of a record`);
    disk.truncate(index, at);
    files.touched('i', id);
  }
  pair.dataEnd = Math.max(dataHeaderBytes, sizeOrNone(disk, files, id));
  return { pair, cut, marked };
}

/** Size of a data file; 0 when it is not there. */
function sizeOrNone(disk: Disk, files: PairFiles, id: number): number {
  try {
    return disk.size(files.open('d', id));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

function restIsZero(disk: Disk, file: number, from: number, size: number): boolean {
  const block = new Uint8Array(65536);
  for (let at = from; at < size; at += block.length) {
    const read = disk.read(file, block, at);
    for (let i = 0; i < read; i++) if (block[i] !== 0) return false;
  }
  return true;
}

/**
 * This record and all that follow it speak of data that never reached the disk: they were being written. Else the data
 * file lost its end in another way, which the records must go on telling.
 */
function lastsBeyond(
  disk: Disk,
  id: number,
  index: number,
  from: number,
  size: number,
  dataSize: number,
  isSeq: boolean,
): boolean {
  const rest = new Uint8Array(size - from);
  if (rest.length > 64 * readAtOnce || disk.read(index, rest, from) !== rest.length) return false;
  for (let at = 0; at < rest.length; ) {
    const record = decodeIndexRecord(rest, at);
    if (record === null) return true;
    const own = isSeq ? record.dataFile === id : true;
    // A shadow in sequential mode speaks of the version before, which is elsewhere and whole.
    if (
      own &&
      record.dataOffset + dataRecordBytes + record.key.length + record.length <= dataSize &&
      !(record.flags & deleted)
    ) {
      return false;
    }
    at += indexRecordBytes + record.key.length;
  }
  return true;
}

/** Find where the active data file ends: after the last record the index knows and the deletions that follow it. */
function endData(
  disk: Disk,
  files: PairFiles,
  state: StoreState,
  active: Pair,
  known: { end: number; last: number } | undefined,
): number {
  const file = files.create('d', active.id);
  const size = disk.size(file);
  const header = new Uint8Array(dataHeaderBytes);
  const whole = disk.read(file, header, 0) === dataHeaderBytes;
  if (!whole || !isDataHeader(header, active.id)) {
    if (known !== undefined)
      throw new DamagedNamespace(`${files.path('d', active.id)} does not begin as a data file does`);
    disk.truncate(file, 0);
    disk.write(file, [encodeDataHeader(active.id)], 0);
    files.touched('d', active.id);
    active.dataEnd = dataHeaderBytes;
    return Math.max(0, size - dataHeaderBytes);
  }
  let end = Math.max(known?.end ?? 0, dataHeaderBytes);
  state.previousData = known?.last ?? 0;
  const bytes = new Uint8Array(dataRecordBytes);
  while (end + dataRecordBytes <= size && disk.read(file, bytes, end) === dataRecordBytes) {
    const record = decodeDataRecord(bytes);
    if (record === null || record.flags !== deleted || record.length !== 0 || record.keyLength === 0) break;
    const next = end + dataRecordBytes + record.keyLength;
    if (next > size) break;
    state.previousData = end;
    end = next;
  }
  active.dataEnd = end;
  if (size <= end) return 0;
  disk.truncate(file, end);
  files.touched('d', active.id);
  return size - end;
}
