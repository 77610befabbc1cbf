/*
 * What 0-db writes to disk: index file `iN` and data file `dN` of a namespace (specification 1.7; index version 4, data
 * version 3). All integers little-endian, no padding.
 *
 * index file: header 29 = "IDX0" | u32 version 4 | u64 0 | u64 0 | u32 file id | u8 mode, then records of 34 + key:
 *    0 u8  key length          13 u8  flags (1: deleted or superseded)
 *    1 u32 data offset         14 u32 data file id
 *    5 u32 payload length      18 u32 timestamp, seconds
 *    9 u32 offset of the       22 u32 crc of the payload
 *          record before       26 u32 index file id of the version before (history)
 *                              30 u32 its offset there; 0 and 0: none      34 key
 *
 * data file: header 28 = "DAT0" | u32 version 3 | u64 0 | u64 0 | u32 file id, then records of 18 + key + payload:
 *    0 u8  key length           9 u32 crc of the payload
 *    1 u32 payload length      13 u8  flags (1: a deletion, no payload, crc 0; 2: payload dropped by compaction)
 *    5 u32 offset of the       14 u32 timestamp      18 key, payload
 *          record before
 */

/** 0-db's own numbers for how keys come about. */
export type Mode = 'user' | 'seq';

export const indexHeaderBytes = 29;
export const indexRecordBytes = 34;
export const dataHeaderBytes = 28;
export const dataRecordBytes = 18;
/** A record of a sequential namespace: keys are always 8 bytes, so that record i stands at a known offset. */
export const slotBytes = indexRecordBytes + 8;
/** Where the flags stand in an index record. */
export const indexFlagsAt = 13;

export const deleted = 1;

const indexMagic = 0x30584449;
const dataMagic = 0x30544144;
const indexVersion = 4;
const dataVersion = 3;

export interface IndexRecord {
  readonly key: Uint8Array;
  readonly dataOffset: number;
  readonly length: number;
  readonly previous: number;
  readonly flags: number;
  readonly dataFile: number;
  readonly timestamp: number;
  readonly crc: number;
  readonly parentFile: number;
  readonly parentOffset: number;
}

export interface DataRecord {
  readonly keyLength: number;
  readonly length: number;
  readonly previous: number;
  readonly crc: number;
  readonly flags: number;
  readonly timestamp: number;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export function encodeIndexHeader(file: number, mode: Mode): Uint8Array {
  const bytes = new Uint8Array(indexHeaderBytes);
  const at = view(bytes);
  at.setUint32(0, indexMagic, true);
  at.setUint32(4, indexVersion, true);
  at.setUint32(24, file, true);
  at.setUint8(28, mode === 'seq' ? 1 : 0);
  return bytes;
}

/** @returns null for anything that is not the header of this index file in a version and mode known here. */
export function decodeIndexHeader(bytes: Uint8Array, file: number): Mode | null {
  if (bytes.length < indexHeaderBytes) return null;
  const at = view(bytes);
  if (at.getUint32(0, true) !== indexMagic || at.getUint32(4, true) !== indexVersion) return null;
  if (at.getUint32(24, true) !== file) return null;
  const mode = at.getUint8(28);
  return mode === 0 ? 'user' : mode === 1 ? 'seq' : null;
}

export function encodeDataHeader(file: number): Uint8Array {
  const bytes = new Uint8Array(dataHeaderBytes);
  const at = view(bytes);
  at.setUint32(0, dataMagic, true);
  at.setUint32(4, dataVersion, true);
  at.setUint32(24, file, true);
  return bytes;
}

export function isDataHeader(bytes: Uint8Array, file: number): boolean {
  if (bytes.length < dataHeaderBytes) return false;
  const at = view(bytes);
  return (
    at.getUint32(0, true) === dataMagic && at.getUint32(4, true) === dataVersion && at.getUint32(24, true) === file
  );
}

export function encodeIndexRecord(record: IndexRecord): Uint8Array {
  const bytes = new Uint8Array(indexRecordBytes + record.key.length);
  const at = view(bytes);
  at.setUint8(0, record.key.length);
  at.setUint32(1, record.dataOffset, true);
  at.setUint32(5, record.length, true);
  at.setUint32(9, record.previous, true);
  at.setUint8(indexFlagsAt, record.flags);
  at.setUint32(14, record.dataFile, true);
  at.setUint32(18, record.timestamp, true);
  at.setUint32(22, record.crc, true);
  at.setUint32(26, record.parentFile, true);
  at.setUint32(30, record.parentOffset, true);
  bytes.set(record.key, indexRecordBytes);
  return bytes;
}

/** @returns null when the record is not all there. The key is a view of `bytes`. */
export function decodeIndexRecord(bytes: Uint8Array, from = 0): IndexRecord | null {
  if (bytes.length - from < indexRecordBytes) return null;
  const at = view(bytes.subarray(from));
  const end = indexRecordBytes + at.getUint8(0);
  if (bytes.length - from < end) return null;
  return {
    key: bytes.subarray(from + indexRecordBytes, from + end),
    dataOffset: at.getUint32(1, true),
    length: at.getUint32(5, true),
    previous: at.getUint32(9, true),
    flags: at.getUint8(indexFlagsAt),
    dataFile: at.getUint32(14, true),
    timestamp: at.getUint32(18, true),
    crc: at.getUint32(22, true),
    parentFile: at.getUint32(26, true),
    parentOffset: at.getUint32(30, true),
  };
}

const noKey = new Uint8Array(0);

/** The fixed part of a data record and its key; the payload follows. */
export function encodeDataRecord(record: DataRecord, key: Uint8Array = noKey): Uint8Array {
  const bytes = new Uint8Array(dataRecordBytes + key.length);
  const at = view(bytes);
  at.setUint8(0, record.keyLength);
  at.setUint32(1, record.length, true);
  at.setUint32(5, record.previous, true);
  at.setUint32(9, record.crc, true);
  at.setUint8(13, record.flags);
  at.setUint32(14, record.timestamp, true);
  bytes.set(key, dataRecordBytes);
  return bytes;
}

export function decodeDataRecord(bytes: Uint8Array): DataRecord | null {
  if (bytes.length < dataRecordBytes) return null;
  const at = view(bytes);
  return {
    keyLength: at.getUint8(0),
    length: at.getUint32(1, true),
    previous: at.getUint32(5, true),
    crc: at.getUint32(9, true),
    flags: at.getUint8(13),
    timestamp: at.getUint32(14, true),
  };
}
