import { isAbsolute, join, relative, sep } from 'node:path';

/*
 * A place below the data directory is written down relative to it, with slashes: the directory may be moved, and a copy of it has
 * places of its own instead of writing into the original's.
 */

export const isInside = (directory: string, path: string): boolean => {
  const way = relative(directory, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
};

/** As it is written down. One that is relative already stays. */
export function pathToKeep(home: string, path: string): string {
  if (!isAbsolute(path) || path === home || !isInside(home, path)) return path;
  return relative(home, path).split(sep).join('/');
}

/** The full path of what was written down. */
export function keptPath(home: string, kept: string): string {
  return isAbsolute(kept) ? kept : join(home, ...kept.split('/'));
}
