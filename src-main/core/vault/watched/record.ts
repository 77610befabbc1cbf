import { decode, Encoder } from '@msgpack/msgpack';
import { z } from 'zod';

/*
 * What is kept of watched folders in the catalogue of this computer (docs/formats/vault.md, "Watched folders"): msgpack arrays that
 * begin with a version, each sealed as a row.
 */

/** A directory that is kept the same as a folder of the vault. */
export const watchedRecordSchema = z.object({
  /** Where it really is, whatever links lead to it. */
  directory: z.string().min(1).max(4096),
  /** The vault's folder; null for the top. */
  folder: z.string().max(64).nullable(),
  /** What the file system calls the directory: another disk may be mounted where it was. */
  inode: z.string().max(32),
  /** In the names of our hidden files there. */
  tag: z.string().regex(/^[0-9a-f]{16}$/),
  paused: z.boolean(),
  ignore: z.array(z.string().min(1).max(100)).max(100),
  added: z.number().int().nonnegative(),
});
export type WatchedRecord = z.infer<typeof watchedRecordSchema>;

/** What both sides held at a path when they last agreed. */
export const agreedRecordSchema = z.object({
  path: z.string().min(1).max(65_536),
  kind: z.enum(['file', 'folder']),
  print: z.string().max(256),
  mark: z.string().max(256),
});
export type AgreedRecord = z.infer<typeof agreedRecordSchema>;

const version = 1;
const encoder = new Encoder();

export const encodeWatched = (r: WatchedRecord): Uint8Array =>
  encoder.encode([version, r.directory, r.folder, r.inode, r.tag, r.paused, r.ignore, r.added]);

/** @returns null for anything that is not such a record */
export function decodeWatched(bytes: Uint8Array): WatchedRecord | null {
  const value = arrayOf(bytes, 8);
  if (!value) return null;
  const [, directory, folder, inode, tag, paused, ignore, added] = value;
  const parsed = watchedRecordSchema.safeParse({ directory, folder, inode, tag, paused, ignore, added });
  return parsed.success ? parsed.data : null;
}

export const encodeAgreed = (r: AgreedRecord): Uint8Array =>
  encoder.encode([version, r.path, r.kind === 'file' ? 0 : 1, r.print, r.mark]);

/** @returns null for anything that is not such a record */
export function decodeAgreed(bytes: Uint8Array): AgreedRecord | null {
  const value = arrayOf(bytes, 5);
  if (!value || (value[2] !== 0 && value[2] !== 1)) return null;
  const [, path, kind, print, mark] = value;
  const parsed = agreedRecordSchema.safeParse({ path, kind: kind === 0 ? 'file' : 'folder', print, mark });
  return parsed.success ? parsed.data : null;
}

function arrayOf(bytes: Uint8Array, length: number): unknown[] | null {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch {
    return null;
  }
  return Array.isArray(value) && value.length === length && value[0] === version ? value : null;
}
