import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { contactIdSchema } from '#shared/model/ids.ts';

const askedSchema = z.object({
  contact: contactIdSchema,
  /** Which of their devices was asked, 64 hex digits; null before any was reached. */
  hostKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  grant: z.string().regex(/^[0-9a-f]{32}$/),
  bytes: z.number().int().nonnegative(),
  state: z.enum(['agreed', 'waits', 'refused', 'away']),
  agreed: z.number().int().nonnegative(),
  at: z.number().int().nonnegative(),
});
/** What a contact was asked for, and what they said. What opens the room is made of the person's keys and not kept. */
export type StoredAsked = z.infer<typeof askedSchema>;

const fileSchema = z.object({ version: z.literal(1), rooms: z.array(askedSchema).max(1000) });

export const askedPath = (home: string): string => join(home, 'vault', 'asked-rooms.json');
export const encodeAsked = (rooms: readonly StoredAsked[]): string =>
  `${JSON.stringify({ version: 1, rooms }, null, 2)}\n`;

/** @returns null for anything that {@link encodeAsked} does not write */
export function decodeAsked(text: string): StoredAsked[] | null {
  try {
    return fileSchema.parse(JSON.parse(text)).rooms;
  } catch {
    return null;
  }
}

/** Nothing where it cannot be read: whoever agreed still says so when asked. */
export async function readAsked(home: string): Promise<StoredAsked[]> {
  const text = await readFile(askedPath(home), 'utf8').catch(() => null);
  return (text === null ? null : decodeAsked(text)) ?? [];
}

export const writeAsked = (home: string, rooms: readonly StoredAsked[]): Promise<void> =>
  writeFileAtomic(askedPath(home), encodeAsked(rooms), { mode: 0o600 });
