import { basename, join, resolve, sep } from 'node:path';
import type { z } from 'zod';
import { itemNameSchema, type skippedSchema } from '#shared/contract/vault.ts';
import { throwIfAborted } from '../failures.ts';
import { type LookResult, looked, replacement } from '../pool/look.ts';
import type { OwnDirectories } from './own-directories.ts';

export type Skipped = z.infer<typeof skippedSchema>;

export interface Found {
  readonly path: string;
  readonly name: string;
  /** The folder it was found in; null for what was chosen. */
  readonly parent: Found | null;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modified: number;
  /** Of a file: as the system says, for {@link printOf}. */
  readonly looks: Looks;
}
interface Looks {
  readonly inode: number;
  readonly modified: number;
  readonly changed: number;
}

/**
 * Other whenever the file may have been written to. The time of the last change of its state cannot be set back, so it tells also of
 * those who set the other one back; on Windows reading may move it, and it says nothing there.
 */
export const printOf = ({ size, looks }: Found, platform: NodeJS.Platform = process.platform): string =>
  `${looks.inode}:${size}:${looks.modified}${platform === 'win32' ? '' : `:${looks.changed}`}`;

/** Written to last, or changed in another way. ms since 1970. */
export const touchedAt = ({ looks }: Found): number => Math.max(looks.modified, looks.changed);

interface Waiting {
  readonly path: string;
  readonly name: string;
  readonly parent: Found | null;
}
/** Asked about at a time: one by one, a folder of many files is mostly waiting. */
const together = 256;

/** Most names are so: nothing in them could be wrong, and looking closer takes longer than finding them. */
const plainName = /^[ -.0-~]{3,200}$/;
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
 * Everything below the given paths, folders before what is in them, in pieces as it is found. Symbolic links are never
 * followed (they may lead anywhere) and, like sockets, pipes, devices and the vault's own directories, go to `skipped`.
 */
export async function* walk(
  paths: readonly string[],
  look: (paths: readonly string[]) => Promise<LookResult>,
  signal: AbortSignal,
  own: OwnDirectories,
  skipped: Skipped[],
): AsyncGenerator<Found[]> {
  const stack: Waiting[] = paths
    .map((path) => ({ path: resolve(path), name: basename(resolve(path)), parent: null }))
    .reverse();
  while (stack.length > 0) {
    throwIfAborted(signal);
    const some = stack.splice(-together).reverse();
    const seen = await look(some.map(({ path }) => path));
    const found: Found[] = [];
    const inside: Waiting[] = [];
    for (const [i, next] of some.entries()) {
      const one = await judge(next, seen, i);
      if (!one) continue;
      found.push(one);
      if (one.kind !== 'folder') continue;
      const { names, broken } = seen.inside.get(i) ?? { names: [], broken: [] };
      for (const name of broken) skipped.push(notUtf8(join(one.path, name)));
      const before = one.path.endsWith(sep) ? one.path : one.path + sep;
      for (const name of names) inside.push({ path: before + name, name, parent: one });
    }
    for (let next = inside.pop(); next; next = inside.pop()) stack.push(next);
    if (found.length > 0) yield found;
  }

  /** @returns null for what is skipped, with its reason */
  async function judge({ path, name, parent }: Waiting, seen: LookResult, i: number): Promise<Found | null> {
    const skip = (one: Skipped): null => {
      skipped.push(one);
      return null;
    };
    const checked = plainName.test(name) ? null : itemNameSchema.safeParse(name);
    if (checked && !checked.success) {
      const message = checked.error.issues[0]?.message ?? 'Its name cannot be stored.';
      return skip({ path, code: 'BAD_NAME', message });
    }
    const kind = seen.kind[i];
    const code = seen.codes.get(i);
    const isDirectory = kind === looked.directory;
    if (kind === looked.failed) return skip(skipFor(path, { code }));
    try {
      const what =
        (parent === null && (await own.around(path))) ||
        (isDirectory && (await own.directory(path, seen.inode[i] ?? 0)));
      if (what) {
        const message = `It belongs to ${what}; the vault does not store itself.`;
        return skip({ path, code: 'OWN_DATA', message });
      }
    } catch (error) {
      return skip(skipFor(path, error));
    }
    if (code !== undefined) return skip(skipFor(path, { code }));
    if (kind !== looked.file && !isDirectory) {
      const what = kind === looked.link ? 'a symbolic link' : 'not a regular file';
      return skip({ path, code: 'NOT_A_FILE', message: `It is ${what}.` });
    }
    return {
      path,
      name: checked ? checked.data : name,
      parent,
      kind: isDirectory ? 'folder' : 'file',
      size: isDirectory ? 0 : (seen.size[i] ?? 0),
      modified: Math.max(0, Math.floor(seen.modified[i] ?? 0)),
      looks: { inode: seen.inode[i] ?? 0, modified: seen.modified[i] ?? 0, changed: seen.changed[i] ?? 0 },
    };
  }
}
