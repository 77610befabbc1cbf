import type { Position } from '../layout/cursor.ts';
import { dataHeaderBytes, encodeIndexRecord, type IndexRecord, indexHeaderBytes } from '../layout/records.ts';
import type { Appender } from './append.ts';
import type { StoreBase } from './base.ts';
import type { Durability } from './durable.ts';
import type { Lookup } from './lookup.ts';
import { countLive, keyText } from './state.ts';

/** What of a pair can be cut down: its data, or only its index because the data is gone already. */
export interface Clearable {
  readonly file: number;
  readonly what: 'data' | 'index';
}

/** Giving back the space of what was replaced or deleted. {@link clearPair} puts these steps in order. */
export interface Space {
  /**
   * The pair of which most can be won: at least `share` of its data is dead, or its index alone is left. The active pair is never
   * named, but closed where it has become mostly dead, so that it is next time.
   */
  nextToClear(share: number, except?: ReadonlySet<number>): Clearable | null;
  /** Write a live value again at the end, its place in the index and its time as they are. @returns false when that failed */
  move(record: IndexRecord, position: Position): boolean;
  /** Nothing live is in a data file, and never will be again. */
  isDead(file: number): boolean;
  /** Cut a data file down to its header; only one that was dead before all was last made durable. */
  dropData(file: number): boolean;
  /** The same for its index file, in user mode; only when the marks of all that its records superseded are durable. */
  dropIndex(file: number): boolean;
}

/** Of the size of a full data file: so much of the active one must be dead for it to be closed early. */
const earlyShare = 1 / 8;

export function createSpace(base: StoreBase, lookup: Lookup, append: Appender, durability: Durability): Space {
  const { disk, files, state, dirty, active, pairOf } = base;
  const isDead = (file: number): boolean => file < active().id && (state.liveCount.get(file) ?? 0) === 0;
  const isOpen = (): boolean => base.broken === null && !base.closed;
  const deadIn = (file: number, dataEnd: number): number => dataEnd - dataHeaderBytes - (state.liveIn.get(file) ?? 0);

  const drop = (kind: 'i' | 'd', file: number): boolean => {
    try {
      disk.truncate(files.open(kind, file), kind === 'd' ? dataHeaderBytes : indexHeaderBytes);
      files.touched(kind, file);
      return true;
    } catch (error) {
      base.fault(kind === 'd' ? 'data' : 'index', error);
      return false;
    }
  };

  return {
    isDead,
    nextToClear(share, except) {
      if (!isOpen()) return null;
      const last = active();
      const deadInLast = deadIn(last.id, last.dataEnd);
      const early = deadInLast >= earlyShare * base.options.datasize;
      if (early && deadInLast >= share * (last.dataEnd - dataHeaderBytes)) append.jump();
      let best: Clearable | null = null;
      let most = 0;
      for (const pair of state.pairs.slice(0, -1)) {
        if (except?.has(pair.id)) continue;
        const size = pair.dataEnd - dataHeaderBytes;
        const dead = deadIn(pair.id, pair.dataEnd);
        if (size > 0 && dead > most && dead >= share * size) {
          best = { file: pair.id, what: 'data' };
          most = dead;
        }
        const index = pair.indexEnd - indexHeaderBytes;
        if (size === 0 && state.mode === 'user' && index > most && isDead(pair.id)) {
          best = { file: pair.id, what: 'index' };
          most = index;
        }
      }
      return best;
    },
    move(record, position) {
      if (!isOpen()) return false;
      const entry = lookup.entryOf(record, position);
      const value = new Uint8Array(entry.length);
      if (lookup.read(entry, record.key.length, value) !== null) return false;
      if (!append.makeRoom(record.key.length, value.length)) return false;
      const dataFile = active().id;
      const key = Uint8Array.from(record.key);
      let dataOffset: number;
      try {
        dataOffset = append.data(key, { length: value.length, parts: [value] }, entry.crc, 0, entry.timestamp);
      } catch (error) {
        base.fault('data', error);
        append.cutData();
        return false;
      }
      const moved = { ...record, key, dataOffset, dataFile, parentFile: 0, parentOffset: 0 };
      try {
        if (state.mode === 'seq') {
          // Its place is its key: overwritten there, once the value cannot be lost any more.
          disk.syncNow(files.open('d', dataFile));
          disk.write(files.open('i', position.file), [encodeIndexRecord(moved)], position.offset);
          files.touched('i', position.file);
        } else {
          const place = append.index(moved);
          durability.markLater(position);
          state.keys.set(keyText(key), lookup.entryOf({ ...moved, previous: 0 }, place));
        }
      } catch (error) {
        base.fault('index', error);
        if (state.mode === 'user') append.cutIndex();
        append.cutData();
        return false;
      }
      append.advance(dataOffset, key.length, value.length);
      countLive(state, dataFile, entry.length, 1);
      countLive(state, entry.dataFile, -entry.length, -1);
      dirty.add(position.file);
      durability.touched();
      return true;
    },
    dropData(file) {
      const pair = pairOf(file);
      if (pair === null || !isDead(file) || !isOpen() || !drop('d', file)) return false;
      pair.dataEnd = dataHeaderBytes;
      durability.touched();
      return true;
    },
    dropIndex(file) {
      const pair = pairOf(file);
      if (pair === null || state.mode !== 'user' || !isDead(file) || pair.dataEnd > dataHeaderBytes) return false;
      if (!isOpen() || !drop('i', file)) return false;
      state.indexBytes -= pair.indexEnd - indexHeaderBytes;
      pair.indexEnd = indexHeaderBytes;
      pair.lastRecord = 0;
      pair.records = 0;
      dirty.add(file);
      durability.touched();
      return true;
    },
  };
}
