import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { contactIdSchema } from '#shared/model/ids.ts';

/** Contacts by their id alone: names and person ids are sealed with the person's keys, and this is read while locked. */
const contact = contactIdSchema;
const grant = z.string().regex(/^[0-9a-f]{32}$/);
/** SHA-256 of the secret, which is nowhere on this side. */
const verifier = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.number().int().nonnegative();
const time = z.number().int().nonnegative();

const roomSchema = z.object({
  contact,
  grant,
  verifier,
  /** Most bytes, as agreed. */
  bytes,
  since: time,
  /** When it ends; null when nobody has said so. */
  until: time.nullable(),
  /** The contact's Hypha has been told so. */
  told: z.boolean(),
});
export type StoredRoom = z.infer<typeof roomSchema>;
const askSchema = z.object({ contact, grant, verifier, bytes, at: time, refused: z.boolean() });
export type StoredAsk = z.infer<typeof askSchema>;
const offerSchema = z.object({ contact, bytes, at: time });

const fileSchema = z.object({
  version: z.literal(1),
  directory: z.string().nullable(),
  rooms: z.array(roomSchema).max(1000),
  asks: z.array(askSchema).max(1000),
  offers: z.array(offerSchema).max(1000),
  /** Rooms that ended, and whose directory may be there still. */
  ended: z.array(grant).default([]),
});
export type StoredHosting = Readonly<Omit<z.infer<typeof fileSchema>, 'version'>>;

export const nothingHosted: StoredHosting = { directory: null, rooms: [], asks: [], offers: [], ended: [] };
export const hostingPath = (home: string): string => join(home, 'vault', 'hosting.json');
export const encodeHosting = (stored: StoredHosting): string =>
  `${JSON.stringify({ version: 1, ...stored }, null, 2)}\n`;

/** @returns null for anything that {@link encodeHosting} does not write */
export function decodeHosting(text: string): StoredHosting | null {
  try {
    const { version: _, ...stored } = fileSchema.parse(JSON.parse(text));
    return stored;
  } catch {
    return null;
  }
}

/** Nobody is let in where the file cannot be read; it is kept aside, for it says which room is whose. */
export async function readHosting(home: string): Promise<{ stored: StoredHosting; damaged: string | null }> {
  const path = hostingPath(home);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    // It is there and cannot be read: what would be written in its place must not take its name.
    return '';
  });
  if (text === null) return { stored: nothingHosted, damaged: null };
  const stored = decodeHosting(text);
  if (stored !== null) return { stored, damaged: null };
  const aside = `${path}.damaged`;
  await rename(path, aside).catch(() => {});
  return { stored: nothingHosted, damaged: aside };
}

export const writeHosting = (home: string, stored: StoredHosting): Promise<void> =>
  writeFileAtomic(hostingPath(home), encodeHosting(stored), { mode: 0o600 });
