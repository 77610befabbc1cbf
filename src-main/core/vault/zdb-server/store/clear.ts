import type { Position } from '../layout/cursor.ts';
import { deleted, type IndexRecord } from '../layout/records.ts';
import type { DataStore } from './data-store.ts';
import type { Clearable } from './space.ts';
import { recordsOf } from './walk.ts';

/*
 * Space of replaced and deleted values. 0-db never gives it back. Here a pair of files of which enough is dead is cleared, in
 * steps of which each leaves files that open again with everything that counts, whenever the computer or the program stops:
 *
 * 1. What still counts in the data file is written again at the end, as any value is.
 * 2. When that is durable the data file is cut down to its header. Nothing that counts was ever in one place only, and nothing
 *    points into the file any more but versions that were replaced.
 * 3. In user mode: when it is also durable that all its index records superseded is superseded, the index file is cut down to its
 *    header. Before, an old version of a deleted key could come back at the next start, for the record that says it is gone
 *    would be gone too.
 *
 * In sequential mode index files stay: a record's place is its key. The files themselves stay too, 57 bytes a pair: 0-db reads
 * them by number until one is missing.
 */

/** Bytes written again before others get their turn. */
const atOnce = 4 * 1024 * 1024;
/** Records looked at before others get their turn. */
const lookedAtOnce = 4096;

/**
 * Clear one pair that is not the active one. Yields when others should get their turn.
 *
 * @returns false when it had to stay: something in it cannot be read, or there is no room to write again what counts
 */
export async function clearPair(
  store: DataStore,
  { file, what }: Clearable,
  turn: () => Promise<void>,
): Promise<boolean> {
  if (what === 'data') {
    if (!(await moveAll(store, file, turn))) return false;
    // Dead first, durable then: what replaced the last of it may have been written a moment ago.
    if (!store.isDead(file)) return false;
    await store.settled();
    if (!store.dropData(file)) return false;
  }
  if (store.mode() === 'seq') return true;
  return (await store.settledMarks()) && store.dropIndex(file);
}

async function moveAll(store: DataStore, file: number, turn: () => Promise<void>): Promise<boolean> {
  const isSeq = store.mode() === 'seq';
  let moved = 0;
  let looked = 0;
  // In user mode a record's data is in the file of the same number; slots of sequential mode may point ahead.
  for (let index = isSeq ? 0 : file; index <= file; index++) {
    for (const { record: seen, position } of recordsOf(store, index)) {
      if (counts(store, seen, position, file)) {
        // Slots are changed in place: what was read ahead may be old by now. Nothing new ever comes into a file that is full.
        const record = isSeq ? store.recordAt(position) : seen;
        if (record !== null && counts(store, record, position, file)) {
          if (!store.move(record, position)) return false;
          moved += record.length;
        }
      }
      if (moved < atOnce && ++looked < lookedAtOnce) continue;
      moved = 0;
      looked = 0;
      await turn();
      if (store.broken() !== null || store.closed()) return false;
    }
  }
  return true;
}

function counts(store: DataStore, record: IndexRecord, position: Position, file: number): boolean {
  if (record.flags & deleted) return false;
  return store.entryOf(record, position).dataFile === file && store.isCurrent(record, position);
}
