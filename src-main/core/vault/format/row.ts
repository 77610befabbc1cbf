import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { lastTime } from '#shared/model/ids.ts';
import { firstEpoch, lastEpoch, u32, type VaultKeys } from './keys.ts';

/**
 * The time of a file as it is kept: whole ms from 1970 to the last moment there is. Disks say any (before 1970, or of a clock gone mad),
 * and so do others who send files; a time that nothing can show is worth no file.
 */
export const storableTime = (ms: number): number => Math.min(lastTime, Math.max(0, Math.floor(ms)));

/** What is known about a file or folder, sealed in the catalogue as a msgpack array in this order. */
export const itemRecordSchema = z.object({
  parent: z.string().max(64).nullable(),
  kind: z.enum(['file', 'folder']),
  name: z.string().min(1).max(1024),
  size: z.number().int().nonnegative(),
  // Earlier releases wrote some that are none.
  modified: z.number().transform(storableTime),
  added: z.number().int().nonnegative(),
  mime: z.string().max(255),
  binnedAt: z.number().int().nonnegative().nullable(),
});
export type ItemRecord = z.infer<typeof itemRecordSchema>;

const version = 1;
/** One for all: each takes 2 KiB for itself when it is made. */
const encoder = new Encoder();

export function encodeItem(r: ItemRecord): Uint8Array {
  return encoder.encode([
    version,
    r.parent,
    r.kind === 'file' ? 0 : 1,
    r.name,
    r.size,
    r.modified,
    r.added,
    r.mime,
    r.binnedAt,
  ]);
}

/** @returns null for anything that is not an item record */
export function decodeItem(bytes: Uint8Array): ItemRecord | null {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch {
    return null;
  }
  if (!Array.isArray(value) || value.length !== 9 || value[0] !== version) return null;
  const [, parent, kind, name, size, modified, added, mime, binnedAt] = value;
  if (kind !== 0 && kind !== 1) return null;
  const record = { parent, kind: kind === 0 ? 'file' : 'folder', name, size, modified, added, mime, binnedAt };
  const parsed = itemRecordSchema.safeParse(record);
  return parsed.success ? parsed.data : null;
}

/** `webdav`, `watched`, `source`, `devices`: what is kept on this computer alone; `place`: what opens a place (docs/formats/vault.md); `kit`: docs/formats/recovery-kit.md. */
export type RowTable = 'item' | 'manifest' | 'webdav' | 'place' | 'snapshot' | 'kit' | 'watched' | 'source' | 'devices';

/**
 * A row of the catalogue, sealed: nonce (12 random bytes) || ciphertext || tag, and from epoch 2 on || u32 epoch. Random nonces under one
 * key are safe for 2^32 writes (SP 800-38D, 8.3), beyond any one person's edits; the associated data is "table row-id", so rows cannot
 * be swapped. The epoch needs no seal of its own: under the key of another nothing opens.
 */
export function sealRow(
  keys: VaultKeys,
  random: (n: number) => Uint8Array,
  table: RowTable,
  id: string,
  plain: Uint8Array,
): Uint8Array {
  const nonce = random(12);
  const epoch = keys.now();
  const sealed = concatBytes(nonce, keys.rows(epoch).seal(nonce, plain, utf8(`${table} ${id}`)));
  return epoch === firstEpoch ? sealed : concatBytes(sealed, u32(epoch));
}

const leastBytes = 28;

export function openRow(keys: VaultKeys, table: RowTable, id: string, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < leastBytes) return null;
  const open = (epoch: number, row: Uint8Array): Uint8Array | null =>
    keys.rows(epoch).open(row.subarray(0, 12), row.subarray(12), utf8(`${table} ${id}`));
  const claimed = claimedEpoch(sealed);
  // A row of the first epoch ends in its tag, which may look like the number of a later one: one in 65,536 does.
  const later = claimed === null ? null : open(claimed, sealed.subarray(0, -4));
  return later ?? open(firstEpoch, sealed);
}

/** The epoch that a row says it is of; null for one of the first. */
function claimedEpoch(sealed: Uint8Array): number | null {
  if (sealed.length < leastBytes + 4) return null;
  const epoch = new DataView(sealed.buffer, sealed.byteOffset + sealed.length - 4, 4).getUint32(0, true);
  return epoch > firstEpoch && epoch <= lastEpoch ? epoch : null;
}

/** Whether a row was sealed in the epoch that it is now. */
export function isOfNow(keys: VaultKeys, sealed: Uint8Array): boolean {
  return (claimedEpoch(sealed) ?? firstEpoch) === keys.now();
}
