import { type Cursor, cursorBytes, decodeCursor, encodeCursor, type Position } from '../layout/cursor.ts';
import { decodeIndexRecord, type IndexRecord, indexHeaderBytes, indexRecordBytes } from '../layout/records.ts';
import type { DataStore } from './data-store.ts';

/** A live key as SCAN tells it. */
export interface Found {
  readonly record: IndexRecord;
  readonly position: Position;
}

const readAtOnce = 65536;
const largestRecord = indexRecordBytes + 255;

/** @returns where the cursor points, or null when it is not one this namespace gave out */
export function cursorPosition(store: DataStore, bytes: Uint8Array): Position | null {
  if (bytes.length !== cursorBytes) return null;
  const cursor = decodeCursor(bytes) as Cursor;
  const position = { file: cursor.file, offset: cursor.offset };
  // What stood there was moved behind all else, or is gone: the walk goes on with the next file.
  if (store.pairs()[cursor.file]?.records === 0) return position;
  const record = store.recordAt(position);
  if (record === null || record.key.length !== cursor.keyLength) return null;
  return record.length === cursor.length && record.crc === cursor.crc ? position : null;
}

export function cursorOf({ record, position }: Found): Uint8Array {
  return encodeCursor({
    keyLength: record.key.length,
    file: position.file,
    length: record.length,
    offset: position.offset,
    crc: record.crc,
  });
}

/** The records of one index file in order, live or not, from `start` on. What is appended meanwhile comes too. */
export function* recordsOf(store: DataStore, file: number, start = indexHeaderBytes): Generator<Found> {
  let at = start;
  let window = new Uint8Array(0);
  let windowAt = at;
  for (;;) {
    const end = store.pairs()[file]?.indexEnd ?? 0;
    if (at >= end) return;
    if (windowAt + window.length - at < largestRecord && windowAt + window.length < end) {
      windowAt = at;
      const next = new Uint8Array(Math.min(readAtOnce, end - at));
      window = next.subarray(0, store.readIndex(file, next, at));
    }
    const record = decodeIndexRecord(window, at - windowAt);
    if (record === null) return;
    const position = { file, offset: at };
    at += indexRecordBytes + record.key.length;
    yield { record, position };
  }
}

/** Live keys after a place, oldest first, at most `most`. */
export function scanForward(store: DataStore, after: Position | null, most: number): Found[] {
  const found: Found[] = [];
  const pairs = store.pairs();
  for (let file = after?.file ?? 0; file < pairs.length; file++) {
    const inside = after !== null && file === after.file;
    for (const each of recordsOf(store, file, inside ? after.offset : undefined)) {
      if (inside && each.position.offset === after.offset) continue;
      if (!store.isCurrent(each.record, each.position)) continue;
      found.push(each);
      if (found.length >= most) return found;
    }
  }
  return found;
}

/** Live keys before a place, newest first, at most `most`. */
export function scanBackward(store: DataStore, before: Position | null, most: number): Found[] {
  const found: Found[] = [];
  const pairs = store.pairs();
  const lastOf = (from: number): Position | null => {
    for (let id = from; id >= 0; id--) {
      const pair = pairs[id];
      if (pair !== undefined && pair.lastRecord !== 0) return { file: id, offset: pair.lastRecord };
    }
    return null;
  };
  const stepBack = (from: Position): Position | null => {
    const record = store.recordAt(from);
    // The first record of a file names one of the file before it, whose offset cannot be smaller than its own.
    const inThisFile = record !== null && record.previous < from.offset && record.previous >= indexHeaderBytes;
    return inThisFile ? { file: from.file, offset: record.previous } : lastOf(from.file - 1);
  };
  let at = before === null ? lastOf(pairs.length - 1) : stepBack(before);
  while (at !== null && found.length < most) {
    const record = store.recordAt(at);
    if (record !== null && store.isCurrent(record, at)) found.push({ record, position: at });
    at = stepBack(at);
  }
  return found;
}
