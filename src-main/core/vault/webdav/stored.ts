import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';

/** What is kept of the switch. `verifier`: sealed under the vault's keys, null before there is a password. */
export interface StoredDisk {
  readonly on: boolean;
  readonly port: number | null;
  readonly verifier: Uint8Array | null;
}
const off: StoredDisk = { on: false, port: null, verifier: null };

const fileSchema = z.object({
  version: z.literal(1),
  on: z.boolean(),
  port: z.number().int().min(1024).max(65_535).nullable(),
  verifier: z.string().max(1024).nullable(),
});

const pathIn = (home: string): string => join(home, 'vault', 'webdav.json');

export function encodeStored({ on, port, verifier }: StoredDisk): string {
  return `${JSON.stringify({ version: 1, on, port, verifier: verifier && toBase64url(verifier) }, null, 2)}\n`;
}

/** Off for anything that {@link encodeStored} does not write: what opens a door is not guessed. */
export function decodeStored(text: string): StoredDisk {
  try {
    const { on, port, verifier } = fileSchema.parse(JSON.parse(text));
    return { on, port, verifier: verifier === null ? null : fromBase64url(verifier) };
  } catch {
    return off;
  }
}

export const readStored = async (home: string): Promise<StoredDisk> =>
  decodeStored(await readFile(pathIn(home), 'utf8').catch(() => ''));
export const writeStored = (home: string, stored: StoredDisk): Promise<void> =>
  writeFileAtomic(pathIn(home), encodeStored(stored), { mode: 0o600 });
