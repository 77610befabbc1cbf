import { crcOfParts } from '../layout/crc.ts';
import type { Position } from '../layout/cursor.ts';
import { deleted, encodeIndexRecord, type IndexRecord } from '../layout/records.ts';
import type { Word } from '../wire/request-parser.ts';
import type { Appender } from './append.ts';
import type { StoreBase } from './base.ts';
import type { Durability } from './durable.ts';
import type { Entry } from './key-table.ts';
import type { Lookup } from './lookup.ts';
import { countLive, decodeSeqKey, encodeSeqKey, keyText } from './state.ts';

export type Put =
  | { readonly kind: 'stored'; readonly key: Uint8Array }
  /** The very same bytes are stored already. */
  | { readonly kind: 'same' }
  | { readonly kind: 'refused'; readonly file: 'data' | 'index' };

/** Storing and deleting. */
export interface Changes {
  /** `key` null: the next key of sequential mode. `existing` is what {@link Lookup.find} says of the key now. */
  put(key: Uint8Array | null, existing: Entry | null, value: Word, timestamp: number): Put;
  remove(key: Uint8Array, existing: Entry, timestamp: number): 'data' | 'index' | null;
}

export function createChanges(base: StoreBase, lookup: Lookup, append: Appender, durability: Durability): Changes {
  const { disk, files, state, dirty, active } = base;

  const isSame = (existing: Entry, keyLength: number, value: Word): boolean => {
    if (existing.length !== value.length) return false;
    const stored = new Uint8Array(existing.length);
    if (lookup.read(existing, keyLength, stored) !== null) return false;
    let at = 0;
    for (const part of value.parts) {
      if (Buffer.compare(part, stored.subarray(at, at + part.length)) !== 0) return false;
      at += part.length;
    }
    return true;
  };

  const replaceSlot = (id: number, existing: Entry, key: Uint8Array, record: Omit<IndexRecord, 'previous'>): void => {
    const position = lookup.slotOf(id) as Position;
    const slot = lookup.recordAt(position);
    if (slot === null) throw new Error('the record to replace cannot be read');
    const shadow = append.index({ ...slot, key, dataFile: existing.dataFile, flags: deleted });
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
    put(wanted, existing, value, timestamp) {
      if (base.broken !== null || base.closed) return { kind: 'refused', file: 'data' };
      if (existing === null && state.keys.full()) return { kind: 'refused', file: 'index' };
      const crc = crcOfParts(value.parts);
      if (existing !== null && existing.crc === crc && isSame(existing, wanted?.length ?? 0, value))
        return { kind: 'same' };
      if (!append.makeRoom(wanted?.length ?? 8, value.length)) return { kind: 'refused', file: 'data' };
      const key = wanted === null ? encodeSeqKey(state.nextId) : wanted.slice();
      let dataOffset: number;
      try {
        dataOffset = append.data(key, value, crc, 0, timestamp);
      } catch (error) {
        base.fault('data', error);
        append.cutData();
        return { kind: 'refused', file: 'data' };
      }
      const isUser = state.mode === 'user';
      const dataFile = active().id;
      const record = {
        key,
        dataOffset,
        length: value.length,
        flags: 0,
        dataFile,
        timestamp,
        crc,
        parentFile: isUser ? (existing?.indexFile ?? 0) : 0,
        parentOffset: isUser ? (existing?.indexOffset ?? 0) : 0,
      };
      const seqId = !isUser && existing !== null ? decodeSeqKey(key) : null;
      let position: Position;
      try {
        if (seqId !== null && existing !== null) {
          replaceSlot(seqId, existing, key, record);
          position = { file: existing.indexFile, offset: existing.indexOffset };
        } else position = append.index(record);
      } catch (error) {
        base.fault('index', error);
        append.cutIndex();
        if (seqId === null) append.cutData();
        // A shadow that was written stays, and with it the value: a burnt key and some space.
        else append.advance(dataOffset, key.length, value.length);
        return { kind: 'refused', file: 'index' };
      }
      append.advance(dataOffset, key.length, value.length);
      countLive(state, dataFile, value.length, 1);
      if (existing !== null) countLive(state, existing.dataFile, -existing.length, -1);
      else {
        state.entries++;
        state.nextId++;
      }
      if (isUser) {
        if (existing !== null) {
          durability.markLater({ file: existing.indexFile, offset: existing.indexOffset });
          dirty.add(existing.indexFile);
        }
        state.keys.set(keyText(key), {
          indexFile: position.file,
          indexOffset: position.offset,
          dataFile,
          dataOffset,
          length: value.length,
          crc,
          timestamp,
          parentFile: record.parentFile,
          parentOffset: record.parentOffset,
        });
      }
      durability.touched();
      return { kind: 'stored', key };
    },
    remove(key, existing, timestamp) {
      if (base.broken !== null || base.closed) return 'data';
      if (!append.makeRoom(key.length, 0)) return 'data';
      let offset: number;
      try {
        offset = append.data(key, { length: 0, parts: [] }, 0, deleted, timestamp);
      } catch (error) {
        base.fault('data', error);
        append.cutData();
        return 'data';
      }
      try {
        durability.markNow({ file: existing.indexFile, offset: existing.indexOffset });
      } catch (error) {
        base.fault('index', error);
        append.cutData();
        return 'index';
      }
      append.advance(offset, key.length, 0);
      dirty.add(existing.indexFile);
      state.entries--;
      countLive(state, existing.dataFile, -existing.length, -1);
      if (state.mode === 'user') state.keys.delete(keyText(key));
      durability.touched();
      return null;
    },
  };
}
