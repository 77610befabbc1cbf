import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { z } from 'zod';
import { itemNameSchema, type skippedSchema } from '#shared/contract/vault.ts';
import { throwIfAborted } from '../failures.ts';
import type { OwnDirectories } from './own-directories.ts';

export type Skipped = z.infer<typeof skippedSchema>;

export interface Found {
  readonly path: string;
  /** Names from the chosen item down to this one. */
  readonly names: readonly string[];
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modified: number;
}

interface Waiting {
  readonly path: string;
  readonly names: readonly string[];
}
const together = 64;

/** What Node puts where the bytes of a name are no UTF-8. A name may also hold it in truth. */
const replacement = '\uFFFD';
const notUtf8 = (path: string): Skipped => ({
  path,
  code: 'BAD_NAME',
  message: 'Its name is not UTF-8. Rename it, then it can be stored.',
});

/** Why a file could not be read, in words. */
export function skipFor(path: string, error: unknown): Skipped {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOENT':
      // Whoever passed this path on has put it for bytes that are no text, so that no file can be found by it.
      if (path.includes(replacement)) return notUtf8(path);
      return { path, code: 'NOT_FOUND', message: 'It is not there (any more).' };
    case 'EACCES':
    case 'EPERM':
      return { path, code: 'UNREADABLE', message: 'You are not allowed to read it.' };
    default:
      return { path, code: 'UNREADABLE', message: `It could not be read (${code ?? String(error)}).` };
  }
}

/**
 * Everything below the given paths, folders before what is in them. Symbolic links are never followed (they may lead
 * anywhere) and, like sockets, pipes, devices and the vault's own directories, are listed as skipped.
 */
export async function walk(
  paths: readonly string[],
  signal: AbortSignal,
  onFound: (files: number) => void,
  own: OwnDirectories,
): Promise<{ found: Found[]; skipped: Skipped[] }> {
  const found: Found[] = [];
  const skipped: Skipped[] = [];
  const stack: Waiting[] = paths.map((path) => ({ path: resolve(path), names: [basename(resolve(path))] })).reverse();
  while (stack.length > 0) {
    throwIfAborted(signal);
    // Asked about together: one at a time, a folder of many files is mostly waiting.
    const some = stack.splice(-together).reverse();
    const infos = await Promise.all(some.map(({ path }) => lstat(path).catch((error: Error) => error)));
    const inside: typeof stack = [];
    for (const [i, next] of some.entries()) await look(next, infos[i] ?? new Error('not looked at'), inside);
    for (let next = inside.pop(); next; next = inside.pop()) stack.push(next);
  }
  onFound(found.length);
  return { found, skipped };

  async function look(next: Waiting, info: Stats | Error, inside: Waiting[]): Promise<void> {
    const { path, names } = next;
    try {
      const name = itemNameSchema.safeParse(names.at(-1));
      if (!name.success) {
        const message = name.error.issues[0]?.message ?? 'Its name cannot be stored.';
        skipped.push({ path, code: 'BAD_NAME', message });
        return;
      }
      const clean = [...names.slice(0, -1), name.data];
      if (info instanceof Error) throw info;
      const chosen = names.length === 1;
      const what =
        (chosen && (await own.around(path))) || (info.isDirectory() && (await own.directory(path, info.ino)));
      if (what) {
        skipped.push({ path, code: 'OWN_DATA', message: `It belongs to ${what}; the vault does not store itself.` });
        return;
      }
      const modified = Math.max(0, Math.floor(info.mtimeMs));
      if (info.isFile()) {
        found.push({ path, names: clean, kind: 'file', size: info.size, modified });
      } else if (info.isDirectory()) {
        const children = await namesIn(path);
        found.push({ path, names: clean, kind: 'folder', size: 0, modified });
        for (const child of children.broken) skipped.push(notUtf8(join(path, child)));
        for (const child of children.names.sort()) inside.push({ path: join(path, child), names: [...clean, child] });
      } else {
        const what = info.isSymbolicLink() ? 'a symbolic link' : 'not a regular file';
        skipped.push({ path, code: 'NOT_A_FILE', message: `It is ${what}.` });
      }
      if (found.length % 256 === 0) onFound(found.length);
    } catch (error) {
      skipped.push(skipFor(path, error));
    }
  }
}

/** The names in a directory. On Linux they are bytes: what is no UTF-8 is in `broken`, as far as it can be shown. */
async function namesIn(path: string): Promise<{ names: string[]; broken: string[] }> {
  const names = await readdir(path);
  if (!names.some((name) => name.includes(replacement))) return { names, broken: [] };
  const raw = await readdir(path, { encoding: 'buffer' });
  const text = (some: Buffer[]): string[] => some.map((name) => name.toString('utf8'));
  return { names: text(raw.filter((name) => isUtf8(name))), broken: text(raw.filter((name) => !isUtf8(name))) };
}
