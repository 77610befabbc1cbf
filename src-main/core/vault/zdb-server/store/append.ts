import type { Position } from '../layout/cursor.ts';
import {
  dataHeaderBytes,
  dataRecordBytes,
  encodeDataRecord,
  encodeIndexRecord,
  type IndexRecord,
  indexHeaderBytes,
  indexRecordBytes,
} from '../layout/records.ts';
import type { Word } from '../wire/request-parser.ts';
import type { StoreBase } from './base.ts';
import { makePair } from './load.ts';

/** Writing at the end of the active pair, and beginning the next one. */
export interface Appender {
  /** @returns where the record stands; it counts from {@link advance} on. @throws the system's error */
  data(key: Uint8Array, value: Word, crc: number, flags: number, timestamp: number): number;
  /** The data record at `offset` counts: the next one goes behind it. */
  advance(offset: number, keyLength: number, length: number): void;
  /** @throws the system's error */
  index(record: Omit<IndexRecord, 'previous'>): Position;
  /** Take back what was appended in part or in vain; where that fails too, the next append overwrites it. */
  cutData(): void;
  cutIndex(): void;
  /** Begin the next pair where the active one cannot take a value of this size. @returns false when that could not be done */
  makeRoom(keyLength: number, length: number): boolean;
  jump(): boolean;
}

const fourGiB = 0xffff_ffff;

export function createAppender(base: StoreBase, touched: () => void): Appender {
  const { disk, files, state, counts, options, active } = base;

  const cut = (kind: 'i' | 'd'): void => {
    const pair = active();
    try {
      disk.truncate(files.open(kind, pair.id), kind === 'd' ? pair.dataEnd : pair.indexEnd);
    } catch (error) {
      base.fault(kind === 'd' ? 'data' : 'index', error);
    }
  };

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
      base.fault('data', error);
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
    state.indexBytes += indexHeaderBytes;
    state.previousData = 0;
    touched();
    options.onJump?.(
      from.id,
      id,
      [...base.dirty].sort((a, b) => a - b),
    );
    return true;
  };

  return {
    data(key, value, crc, flags, timestamp) {
      const pair = active();
      const offset = pair.dataEnd;
      const head = encodeDataRecord(
        { keyLength: key.length, length: value.length, previous: state.previousData, crc, flags, timestamp },
        key,
      );
      disk.write(files.open('d', pair.id), [head, ...value.parts], offset);
      files.touched('d', pair.id);
      counts.dataWritten += head.length + value.length;
      return offset;
    },
    advance(offset, keyLength, length) {
      active().dataEnd = offset + dataRecordBytes + keyLength + length;
      state.previousData = offset;
    },
    index(record) {
      const pair = active();
      const bytes = encodeIndexRecord({ ...record, previous: state.previousIndex });
      disk.write(files.open('i', pair.id), [bytes], pair.indexEnd);
      files.touched('i', pair.id);
      counts.indexWritten += bytes.length;
      const offset = pair.indexEnd;
      pair.indexEnd += bytes.length;
      state.indexBytes += bytes.length;
      pair.lastRecord = offset;
      pair.records++;
      state.previousIndex = offset;
      return { file: pair.id, offset };
    },
    cutData: () => cut('d'),
    cutIndex: () => cut('i'),
    makeRoom(keyLength, length) {
      const pair = active();
      if (pair.dataEnd === dataHeaderBytes) return true;
      const full = pair.dataEnd + length > options.datasize;
      const tooFar =
        pair.dataEnd + dataRecordBytes + keyLength + length > fourGiB ||
        pair.indexEnd + 2 * (indexRecordBytes + keyLength) > fourGiB;
      return !(full || tooFar) || jump();
    },
    jump,
  };
}
