import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { freeNow } from '#core/crypto/free.ts';
import { placeAddressSchema } from '#shared/contract/vault.ts';
import { binarySchema } from '#shared/model/ids.ts';
import { codecs, compress, decompress, maxChunkBytes } from './chunk.ts';
import { wrappedEpoch } from './wrapped-key.ts';

/**
 * The catalogue as it is kept on the places: a list of records, msgpack, compressed, sealed as the only chunk of a pack
 * of kind 1 (base: everything) or 2 (delta: what changed since another generation). docs/formats/vault.md, "Catalogue".
 */
const id16 = binarySchema.refine((b) => b.length === 16);
const id32 = binarySchema.refine((b) => b.length === 32);
const count = z.number().int().nonnegative();
const positive = z.number().int().positive();
const idText = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Of places that are no directories, or of which the person said more. Left out where all of it is as usual. */
const placeMore = z.object({
  address: placeAddressSchema.optional(),
  /** format/place-secret.ts */
  sealed: binarySchema.optional(),
  owner: z.string().max(64).default(''),
  site: z.string().max(64).default(''),
  limit: count.nullable().default(null),
  weight: z.number().int().min(1).max(100).default(1),
});
const placeRecord = z.tuple([
  z.literal('place'),
  idText,
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  count,
  placeMore.optional(),
]);
const itemRecord = z.tuple([z.literal('item'), idText, binarySchema]);
const bornItemRecord = z.tuple([z.literal('item'), idText, binarySchema, positive]);
const manifestRecord = z.tuple([z.literal('manifest'), idText, binarySchema]);
const packColumns = [
  z.literal('pack'),
  id16,
  z.string().regex(/^p\/\d{5,12}$/),
  z.number().int().min(1).max(64), // k
  z.number().int().min(0).max(63), // m
  z.number().int().min(1), // epoch
  z.number().int().min(1), // payload
  z.number().int().min(32), // shard length
  count, // created
  z.array(z.tuple([idText.nullable(), z.enum(['ok', 'missing', 'rotten'])])).max(64), // shards by index
  z.array(z.tuple([id32, count, count, count, count, z.union([z.literal(0), z.literal(1), z.literal(2)])])),
] as const;
const packRecord = z.tuple([...packColumns]);
const keyedPackRecord = z.tuple([...packColumns, binarySchema.refine((b) => wrappedEpoch(b) !== null)]);
const snapshotRecord = z.tuple([z.literal('snapshot'), positive, binarySchema]);
const pastRecord = z.tuple([z.literal('past'), idText, positive, positive, binarySchema]);
const pastManifestRecord = z.tuple([z.literal('past-manifest'), idText, binarySchema]);
const goneRecord = z.tuple([z.literal('gone'), z.enum(['item', 'pack', 'place', 'snapshot']), z.string().max(64)]);
export const catalogueRecordSchema = z.union([
  placeRecord,
  itemRecord,
  bornItemRecord,
  manifestRecord,
  packRecord,
  keyedPackRecord,
  snapshotRecord,
  pastRecord,
  pastManifestRecord,
  goneRecord,
]);

/**
 * `place` id, name, path, device, device name, state, added, and where it is needed {@link placeMore}; `item` id, sealed row, the first snapshot that sees it (left out
 * where that is the first of all); `manifest` id, sealed row; `pack` id, directory, k, m, epoch, payload, shard length, created,
 * shards [place, state] by index, chunks [id, index, offset, sealed length, plain length, codec], and its wrapped key (wrapped-key.ts),
 * left out where it is derived; `snapshot` number, sealed row;
 * `past` item, born, died, sealed row; `past-manifest` item, sealed row; `gone` table, id. A record replaces an earlier one
 * of the same id.
 */
export type CatalogueRecord = z.infer<typeof catalogueRecordSchema>;

/** One for all: it keeps the room that the largest part took. */
const encoder = new Encoder();

/** What an earlier release cannot read says so, instead of looking damaged. */
const isKeyed = (record: CatalogueRecord): boolean => record[0] === 'pack' && record.length === 12;
const isLater = (record: CatalogueRecord): boolean =>
  record[0] === 'snapshot' ||
  record[0] === 'past' ||
  record[0] === 'past-manifest' ||
  (record[0] === 'item' && record.length === 4) ||
  (record[0] === 'place' && record[8] !== undefined) ||
  (record[0] === 'gone' && record[1] === 'snapshot');

/** u8 version, 3 with wrapped keys of packs, else 2 with records of snapshots, else 1 | u8 codec | u16 zero | u32 plain length | msgpack array of records, compressed by the codec */
export function encodeCatalogue(records: readonly CatalogueRecord[]): Uint8Array {
  const plain = encoder.encodeSharedRef(records);
  const { codec, bytes } = compress(plain);
  const out = new Uint8Array(8 + bytes.length);
  out.set([records.some(isKeyed) ? 3 : records.some(isLater) ? 2 : 1, codec]);
  new DataView(out.buffer).setUint32(4, plain.length, true);
  out.set(bytes, 8);
  if (codec !== codecs.none) freeNow(bytes);
  return out;
}

/** @returns null for anything that is not a catalogue of version 1, 2 or 3 */
export function decodeCatalogue(bytes: Uint8Array): CatalogueRecord[] | null {
  if (bytes.length < 8 || (bytes[0] !== 1 && bytes[0] !== 2 && bytes[0] !== 3) || bytes[2] !== 0 || bytes[3] !== 0)
    return null;
  const codec = bytes[1];
  if (codec !== codecs.none && codec !== codecs.zstd && codec !== codecs.deflate) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(4, true);
  if (length > maxChunkBytes) return null;
  const plain = decompress(codec, bytes.subarray(8), length);
  if (plain === null) return null;
  try {
    const parsed = z.array(catalogueRecordSchema).safeParse(decode(plain));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
