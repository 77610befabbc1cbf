import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Core } from '../core.ts';
import { clash, type Whereabouts, whereabouts } from '../places/directory/apart.ts';
import { directoriesOf } from '../places/places.ts';

/** A directory that is the vault's own, and what it is, in words. */
export interface OwnDirectory {
  readonly path: string;
  readonly what: string;
}

export interface OwnDirectories {
  /** What the directory is when it is one of them, by whatever path it was found; else null. `inode` as `lstat` says. */
  directory(path: string, inode: number): Promise<string | null>;
  /** What the directory is that a file or directory lies in; null when it lies in none of them. */
  around(path: string): Promise<string | null>;
}

/**
 * All that the vault is made of on this computer, and what others keep here: stored too, pieces of a friend's vault would make pieces
 * here that their own vault stores again, without end.
 */
export function listOwn(core: Pick<Core, 'deps' | 'opened' | 'forOthers'>): OwnDirectory[] {
  return [
    { path: core.deps.home, what: 'Hypha’s data directory' },
    ...directoriesOf(core.opened().engine.places).map(({ name, path }) => ({ path, what: `the place “${name}”` })),
    ...core.forOthers.flatMap((paths) => paths()).map((path) => ({ path, what: 'what you keep for others' })),
  ];
}

/**
 * Tells the vault's own directories from those whose files it stores: a vault in itself would grow with every look, and
 * hold the keystore. They are compared as the file system knows them, because a link, another case or a bind mount gives
 * one directory many spellings. One that is not there now has nothing to be told apart.
 */
export async function ownDirectories(list: readonly OwnDirectory[]): Promise<OwnDirectories> {
  const known: { readonly where: Whereabouts; readonly inode: number; readonly what: string }[] = [];
  for (const { path, what } of list) {
    const info = await stat(path).catch(() => null);
    if (info) known.push({ where: await whereabouts(path), inode: info.ino, what });
  }
  const all = known.map(({ where }) => where);
  const lookFor = async (path: string, inside: boolean): Promise<string | null> => {
    const found = clash(await whereabouts(path), all);
    if (found?.how !== 'same' && !(inside && found?.how === 'inside')) return null;
    return known[all.indexOf(found.with)]?.what ?? null;
  };
  const parents = new Map<string, Promise<string | null>>();
  return {
    async directory(path, inode) {
      // Asked of every folder: the number alone tells nearly all apart. (As a float it may be rounded, alike on both sides.)
      return known.some((own) => own.inode === inode) ? lookFor(path, false) : null;
    },
    around(path) {
      const parent = dirname(path);
      const asked = parents.get(parent) ?? lookFor(parent, true);
      parents.set(parent, asked);
      return asked;
    },
  };
}
