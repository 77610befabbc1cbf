import type { Position } from '../layout/cursor.ts';
import { deleted, type IndexRecord } from '../layout/records.ts';
import type { DataStore } from './data-store.ts';
import { recordsOf } from './walk.ts';

/*
 * Space of replaced and deleted values. 0-db never gives it back. Here a data file of which enough is dead is cleared: what
 * still counts in it is written again at the end, as any value is, and when that is durable the file is cut down to its
 * header. Nothing that counts is ever in one place only, so a kill at any moment leaves at worst some values twice; and
 * what was cleared needs no note anywhere, for nothing points into it but versions that were replaced.
 *
 * Index files stay: positions in them are the keys of sequential mode and the cursors of clients.
 */

/** Bytes written again before others get their turn. */
const atOnce = 4 * 1024 * 1024;

/**
 * Clear one data file that is not the active one. Yields when others should get their turn.
 *
 * @returns false when it had to stay: something in it cannot be read, or there is no room to write again what counts
 */
export async function clearFile(store: DataStore, file: number, turn: () => Promise<void>): Promise<boolean> {
  const isSeq = store.mode() === 'seq';
  let moved = 0;
  // In user mode a record's data is in the file of the same number; slots of sequential mode may point ahead.
  for (let index = isSeq ? 0 : file; index <= file; index++) {
    for (const { record: seen, position } of recordsOf(store, index)) {
      // Slots are changed in place: what was read ahead may be old by now.
      const record = isSeq ? store.recordAt(position) : seen;
      if (record === null || !counts(store, record, position, file)) continue;
      if (!store.move(record, position)) return false;
      moved += record.length;
      if (moved < atOnce) continue;
      moved = 0;
      await turn();
      if (store.broken() !== null || store.closed()) return false;
    }
  }
  // Dead first, durable then: what replaced the last of it may have been written a moment ago.
  if (!store.isDead(file)) return false;
  await store.settled();
  return store.dropData(file);
}

function counts(store: DataStore, record: IndexRecord, position: Position, file: number): boolean {
  if (record.flags & deleted) return false;
  return store.entryOf(record, position).dataFile === file && store.isCurrent(record, position);
}
