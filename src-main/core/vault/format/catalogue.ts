import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { freeNow } from '#core/crypto/free.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { placeAddressSchema } from '#shared/contract/vault.ts';
import { binarySchema } from '#shared/model/ids.ts';
import { type Codec, codecs, compress, decompress, maxChunkBytes } from './chunk.ts';
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

/** Records on their way into a part: compressed, and what their plain bytes are known by in the head. */
export interface PackedRecords {
  readonly codec: Codec;
  readonly bytes: Uint8Array;
  /** Bytes before compression. */
  readonly length: number;
  /** SHA-256 of them. */
  readonly digest: Uint8Array;
}

export function packRecords(records: readonly CatalogueRecord[]): PackedRecords {
  const plain = encoder.encodeSharedRef(records);
  const digest = sha256(plain);
  const { codec, bytes } = compress(plain);
  return { codec, bytes: codec === codecs.none ? bytes.slice() : bytes, length: plain.length, digest };
}

const headAt = 16;

/**
 * One part of the catalogue: u8 version, 4 | u8 codec | u16 zero | u32 plain length | u32 packed length | u32 length of the head | msgpack
 * array of records, compressed by the codec | the head (head.ts), in the last part only | zeros to the end. Uses up what is packed.
 *
 * @param lengthFor how long it is to be: at least so many bytes
 */
export function encodeCatalogue(
  { codec, bytes, length }: PackedRecords,
  head: Uint8Array = new Uint8Array(0),
  lengthFor: (least: number) => number = (least) => least,
): Uint8Array {
  const out = new Uint8Array(lengthFor(headAt + bytes.length + head.length));
  out.set([lastVersion, codec]);
  const view = new DataView(out.buffer);
  view.setUint32(4, length, true);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, head.length, true);
  out.set(bytes, headAt);
  out.set(head, headAt + bytes.length);
  freeNow(bytes);
  return out;
}

export interface CataloguePart {
  readonly records: CatalogueRecord[];
  /** SHA-256 of the plain bytes. */
  readonly digest: Uint8Array;
  /** As {@link encodeCatalogue} was given it; empty where there is none. */
  readonly head: Uint8Array;
  /** Of an earlier release, which had no heads. */
  readonly headless: boolean;
}

const lastVersion = 4;

/**
 * Earlier releases wrote versions 1, 2 (with records of snapshots) and 3 (with wrapped keys of packs): u8 version | u8 codec | u16 zero | u32
 * plain length | the compressed records, to the end.
 *
 * @returns null for anything that is not a catalogue of version 1 to 4
 */
export function decodeCatalogue(bytes: Uint8Array): CataloguePart | null {
  const version = bytes[0] ?? 0;
  const headless = version < lastVersion;
  const from = headless ? 8 : headAt;
  if (bytes.length < from || version < 1 || version > lastVersion || bytes[2] !== 0 || bytes[3] !== 0) return null;
  const codec = bytes[1];
  if (codec !== codecs.none && codec !== codecs.zstd && codec !== codecs.deflate) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(4, true);
  if (length > maxChunkBytes) return null;
  const packed = headless ? bytes.length - from : view.getUint32(8, true);
  const headLength = headless ? 0 : view.getUint32(12, true);
  const end = from + packed + headLength;
  if (end > bytes.length || bytes.subarray(end).some((byte) => byte !== 0)) return null;
  const plain = decompress(codec, bytes.subarray(from, from + packed), length);
  if (plain === null) return null;
  try {
    const parsed = z.array(catalogueRecordSchema).safeParse(decode(plain));
    if (!parsed.success) return null;
    return { records: parsed.data, digest: sha256(plain), head: bytes.slice(end - headLength, end), headless };
  } catch {
    return null;
  }
}
