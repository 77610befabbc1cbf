import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * A directory as the file system knows it: device and inode of itself, of what it lies in, and so on up. Two paths that
 * lead to one directory (a link, `..`, other case where case does not count, a bind mount) have the same `own`.
 */
export interface Whereabouts {
  readonly path: string;
  /** Of a directory that is not there yet: that of the nearest one above it that is, and the names between. */
  readonly own: string;
  /** `own` of every directory above, nearest first. */
  readonly above: readonly string[];
}

export async function whereabouts(path: string): Promise<Whereabouts> {
  const found = await chain(resolve(path));
  return { path, own: found[0] ?? path, above: found.slice(1) };
}

async function chain(path: string): Promise<string[]> {
  const id = await idOf(path);
  if (id === null) {
    if (dirname(path) === path) return [path];
    const above = await chain(dirname(path));
    return [`${above[0]}/${basename(path)}`, ...above];
  }
  // `..` of the file system, not of the path: a link or a mount lies where it leads to.
  const ids = [id];
  for (let at = path; ; ) {
    at = join(await real(at), '..');
    const next = await idOf(at);
    if (next === null || next === ids.at(-1)) return ids;
    ids.push(next);
  }
}

const real = (path: string): Promise<string> => realpath(path).catch(() => path);

async function idOf(path: string): Promise<string | null> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  if (!info) return null;
  // Some network file systems number nothing: there the path must do.
  return info.ino === 0n ? await real(path) : `${info.dev}:${info.ino}`;
}

/** The first of `others` that is the directory, contains it or lies in it; how they lie is in words. Null: apart. */
export function clash(one: Whereabouts, others: readonly Whereabouts[]): { with: Whereabouts; how: Nesting } | null {
  for (const other of others) {
    if (one.own === other.own) return { with: other, how: 'same' };
    if (one.above.includes(other.own)) return { with: other, how: 'inside' };
    if (other.above.includes(one.own)) return { with: other, how: 'around' };
  }
  return null;
}
export type Nesting = 'same' | 'inside' | 'around';
