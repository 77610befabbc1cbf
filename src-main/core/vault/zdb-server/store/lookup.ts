import { crcOf } from '../layout/crc.ts';
import type { Position } from '../layout/cursor.ts';
import {
  dataHeaderBytes,
  dataRecordBytes,
  decodeDataRecord,
  decodeIndexRecord,
  deleted,
  type IndexRecord,
  indexHeaderBytes,
  indexRecordBytes,
  slotBytes,
} from '../layout/records.ts';
import { limits } from '../wire/limits.ts';
import type { StoreBase } from './base.ts';
import type { Entry } from './key-table.ts';
import { decodeSeqKey, keyText, type Pair } from './state.ts';

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

/** Finding and reading. */
export interface Lookup {
  find(key: Uint8Array): Entry | null;
  /** Fill `target` (of the entry's length) with the value. @returns null when these are the bytes that were stored */
  read(entry: Entry, keyLength: number, target: Uint8Array): ReadFault | null;
  /** The record at a place of the index, whatever the place; null when none can be there. */
  recordAt(position: Position): IndexRecord | null;
  entryOf(record: IndexRecord, position: Position): Entry;
  /** Where the record of a key of sequential mode stands. */
  slotOf(id: number): Position | null;
  isCurrent(record: IndexRecord, position: Position): boolean;
  readIndex(file: number, target: Uint8Array, offset: number): number;
  raw(file: number, offset: number): RawRecord | 'eof' | 'invalid' | 'unreadable';
  /** Its data file was not cleared since. */
  hasData(entry: Entry): boolean;
}

export function createLookup(base: StoreBase): Lookup {
  const { disk, files, state, counts } = base;

  const readIndex = (file: number, target: Uint8Array, offset: number): number => {
    try {
      const read = disk.read(files.open('i', file), target, offset);
      counts.indexRead += read;
      return read;
    } catch (error) {
      base.fault('index', error);
      return 0;
    }
  };
  const recordAt = ({ file, offset }: Position): IndexRecord | null => {
    const pair = base.pairOf(file);
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

  return {
    readIndex,
    recordAt,
    entryOf,
    slotOf,
    find(key) {
      if (state.mode === 'user') return state.keys.get(keyText(key));
      const id = decodeSeqKey(key);
      const position = id === null ? null : slotOf(id);
      if (position === null) return null;
      const record = recordAt(position);
      return record === null || record.flags & deleted ? null : entryOf(record, position);
    },
    read(entry, keyLength, target) {
      if (entry.length === 0) return null;
      try {
        const from = entry.dataOffset + dataRecordBytes + keyLength;
        const done = disk.read(files.open('d', entry.dataFile), target, from);
        counts.dataRead += done;
        if (done !== target.length) return 'unreadable';
      } catch (error) {
        base.fault('data', error);
        return 'unreadable';
      }
      return crcOf(target) === entry.crc ? null : 'wrong';
    },
    isCurrent(record, position) {
      if (record.flags & deleted) return false;
      if (state.mode === 'seq') return true;
      const entry = state.keys.get(keyText(record.key));
      return entry !== null && entry.indexFile === position.file && entry.indexOffset === position.offset;
    },
    raw(file, offset) {
      const pair = base.pairOf(file);
      if (pair === null) return 'invalid';
      try {
        const data = files.open('d', file);
        const size = pair === base.active() ? pair.dataEnd : disk.size(data);
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
        base.fault('data', error);
        return 'unreadable';
      }
    },
    hasData: (entry) =>
      entry.dataOffset + dataRecordBytes + entry.length <= (base.pairOf(entry.dataFile)?.dataEnd ?? 0),
  };
}
