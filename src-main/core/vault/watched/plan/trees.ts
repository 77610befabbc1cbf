/**
 * The three trees that are compared, each flat: by path from the watched directory, joined by slashes, without the directory
 * itself. A parent is always there where a child is.
 */
export type Kind = 'file' | 'folder';

/** What lies in the directory of this computer. */
export interface LocalEntry {
  readonly kind: Kind;
  /** Other whenever the file may have been written to since; of a folder always empty. */
  readonly print: string;
  /** Stays when it is renamed and nothing else happens to it; empty where nothing of the kind is known. */
  readonly mark: string;
}
/** What lies in the folder of the vault. The bytes of a file never change under one id. */
export interface VaultEntry {
  readonly kind: Kind;
  readonly id: string;
}
/** What both held when they last agreed. */
export interface Agreed {
  readonly kind: Kind;
  readonly id: string;
  readonly print: string;
  readonly mark: string;
}

export interface Trees {
  readonly local: ReadonlyMap<string, LocalEntry>;
  readonly vault: ReadonlyMap<string, VaultEntry>;
  readonly agreed: ReadonlyMap<string, Agreed>;
  /** Paths that are left alone, with all below them, on both sides: nothing can be said of them, or not now. */
  readonly held: ReadonlySet<string>;
}

/** The folder a path lies in; empty for the watched directory itself. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const joined = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);
export const depthOf = (path: string): number => path.split('/').length;

/** The folders a path lies in, from the top. */
export function above(path: string): string[] {
  const out: string[] = [];
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) out.push(path.slice(0, at));
  return out;
}

/** The path, or a folder that it lies in, is one of these. */
export function isWithin(paths: ReadonlySet<string>, path: string): boolean {
  if (paths.size === 0) return false;
  return paths.has(path) || above(path).some((folder) => paths.has(folder));
}

export const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** Of a tree: what lies at a path and below it, in no order. */
export function* subtree<T>(tree: ReadonlyMap<string, T>, top: string): Generator<[string, T]> {
  for (const entry of tree) if (entry[0] === top || isBelow(entry[0], top)) yield entry;
}

export function moveWithin<T>(tree: Map<string, T>, from: string, to: string): void {
  for (const [path, entry] of [...subtree(tree, from)]) {
    tree.delete(path);
    tree.set(to + path.slice(from.length), entry);
  }
}

export function removeWithin<T>(tree: Map<string, T>, top: string): void {
  for (const [path] of [...subtree(tree, top)]) tree.delete(path);
}
