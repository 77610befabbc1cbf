import type { Mode } from '../layout/records.ts';
import type { KeyTable } from './key-table.ts';

/** One index file and the data file of the same number. */
export interface Pair {
  readonly id: number;
  /** Where the next index record goes. */
  indexEnd: number;
  /** Where the next data record goes. */
  dataEnd: number;
  /** Offset of the last index record; 0 when there is none. */
  lastRecord: number;
  /** Index records. */
  records: number;
  /** The number of the first record, which in sequential mode is its key. */
  readonly firstId: number;
}

/** What is known of a namespace's data while it is open. */
export interface StoreState {
  mode: Mode;
  readonly pairs: Pair[];
  /** Keys of user mode; stays empty in sequential mode, where the key is the record's number. */
  readonly keys: KeyTable;
  /** Live keys. */
  entries: number;
  /** Bytes of all index files. */
  indexBytes: number;
  /** Bytes of live payload. */
  liveBytes: number;
  /** The same by data file. */
  readonly liveIn: Map<number, number>;
  /** Live values by data file; there are empty ones. */
  readonly liveCount: Map<number, number>;
  /** What 0-db calls the next internal id: in sequential mode the next key. */
  nextId: number;
  /** Offset of the last index record of all, as the next one names it. */
  previousIndex: number;
  /** Offset of the last record in the active data file. */
  previousData: number;
}

export const seqKeyBytes = 8;

export function encodeSeqKey(id: number): Uint8Array {
  const bytes = new Uint8Array(seqKeyBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(id), true);
  return bytes;
}

/** @returns null when it cannot be a key of sequential mode */
export function decodeSeqKey(bytes: Uint8Array): number | null {
  if (bytes.length !== seqKeyBytes) return null;
  const id = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : null;
}

/** A key as the table has it: one character a byte. */
export const keyText = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');

/** So many bytes and values more, or fewer, of live payload are in a data file. */
export function countLive(state: StoreState, dataFile: number, bytes: number, values: 1 | -1): void {
  state.liveBytes += bytes;
  state.liveIn.set(dataFile, (state.liveIn.get(dataFile) ?? 0) + bytes);
  state.liveCount.set(dataFile, (state.liveCount.get(dataFile) ?? 0) + values);
}
