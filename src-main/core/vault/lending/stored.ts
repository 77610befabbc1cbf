import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';

/** What is kept of lending beside what the storage's own files say: those hold limits, modes and passwords. */
export interface StoredLending {
  readonly on: boolean;
  /** Where the storage lies; null before anything was lent. */
  readonly directory: string | null;
  /** On 127.0.0.1: the same at every start, because the offer on the mesh names it. */
  readonly localPort: number | null;
  /** The offer on the mesh. */
  readonly offer: { readonly id: string; readonly port: number; readonly localPort: number } | null;
  /** By name of the namespace. `to`: people as the mesh keeps them. */
  readonly lent: Readonly<Record<string, { readonly to: readonly string[]; readonly since: number }>>;
}

export const nothingLent: StoredLending = { on: false, directory: null, localPort: null, offer: null, lent: {} };

const port = z.number().int().min(1).max(65_535);
const fileSchema = z.object({
  version: z.literal(1),
  on: z.boolean(),
  directory: z.string().nullable(),
  localPort: port.nullable(),
  offer: z.object({ id: z.string(), port, localPort: port }).nullable(),
  lent: z.record(z.string(), z.object({ to: z.array(z.string()), since: z.number().int().nonnegative() })),
});

export const lendingPath = (home: string): string => join(home, 'vault', 'lending.json');

export const encodeLending = (stored: StoredLending): string =>
  `${JSON.stringify({ version: 1, ...stored }, null, 2)}\n`;

/** @returns null for anything that {@link encodeLending} does not write */
export function decodeLending(text: string): StoredLending | null {
  try {
    const { version: _, ...stored } = fileSchema.parse(JSON.parse(text));
    return stored;
  } catch {
    return null;
  }
}

/** Nothing is lent where the file cannot be read: what opens a door is not guessed. */
export async function readLending(home: string): Promise<StoredLending> {
  const text = await readFile(lendingPath(home), 'utf8').catch(() => null);
  return (text === null ? null : decodeLending(text)) ?? nothingLent;
}

export const writeLending = (home: string, stored: StoredLending): Promise<void> =>
  writeFileAtomic(lendingPath(home), encodeLending(stored), { mode: 0o600 });
