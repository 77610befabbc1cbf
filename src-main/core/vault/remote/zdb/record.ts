import { fromHex, toHex } from '#core/crypto/encoding.ts';

/**
 * What is stored under the name of a shard in a 0-db, whose values are at most 8 MiB and are read whole or not at all. A short shard
 * lies there itself; a longer one in parts under keys of their own, and this only says how, so that a range is read without the rest
 * and a shard is there when its record is, which is written last. Integers are little-endian.
 *
 *     whole      0  1  1            1  n  the shard
 *     in parts   0  1  2            1  3  zero            4  4  length of each part but the last, P
 *                8  6  length of the shard, > P          14  2  zero            16  8  generation
 *
 * Part i lies under `<name>~<generation, 16 hex digits>.<i>`. Each writing of a name has a generation of its own, random: what
 * is read is all of one.
 */
export type ShardRecord = { readonly kind: 'whole'; readonly bytes: Uint8Array } | PartsRecord;

export interface PartsRecord {
  readonly kind: 'parts';
  readonly partLength: number;
  readonly length: number;
  /** 16 hex digits. */
  readonly generation: string;
}

/** Goes before the bytes of a shard that lies there itself. */
export const wholePrefix = Uint8Array.of(1);
export const partsRecordBytes = 24;
/** No shard has more: a pack of one piece is 24 MiB. */
const partsMost = 4096;

export function encodePartsRecord({ partLength, length, generation }: Omit<PartsRecord, 'kind'>): Uint8Array {
  const out = new Uint8Array(partsRecordBytes);
  const view = new DataView(out.buffer);
  out[0] = 2;
  view.setUint32(4, partLength, true);
  view.setUint32(8, length % 2 ** 32, true);
  view.setUint16(12, Math.floor(length / 2 ** 32), true);
  const bytes = fromHex(generation);
  if (bytes?.length !== 8) throw new Error('a generation is 16 hex digits');
  out.set(bytes, 16);
  return out;
}

/** @returns null for anything the encoder would not have written. The bytes of a whole shard are a view. */
export function decodeRecord(value: Uint8Array): ShardRecord | null {
  if (value[0] === 1) return { kind: 'whole', bytes: value.subarray(1) };
  if (value[0] !== 2 || value.length !== partsRecordBytes) return null;
  if ([1, 2, 3, 14, 15].some((at) => value[at] !== 0)) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const partLength = view.getUint32(4, true);
  const length = view.getUint32(8, true) + view.getUint16(12, true) * 2 ** 32;
  if (partLength === 0 || length <= partLength || length > partLength * partsMost) return null;
  return { kind: 'parts', partLength, length, generation: toHex(value.subarray(16)) };
}

export const partCount = ({ partLength, length }: PartsRecord): number => Math.ceil(length / partLength);

export const partKey = (name: string, generation: string, i: number): string => `${name}~${generation}.${i}`;
