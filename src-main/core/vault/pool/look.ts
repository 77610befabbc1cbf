import { isUtf8 } from 'node:buffer';
import { lstatSync, readdirSync, type Stats } from 'node:fs';

/** Look at paths, and into those that are directories. On a worker, as in load.ts: the event loop asks ten times slower. */
export interface LookJob {
  readonly kind: 'look';
  readonly paths: readonly string[];
}
export const looked = { failed: 0, file: 1, directory: 2, link: 3, other: 4 } as const;
export interface LookResult {
  /** By path, one of {@link looked}. Links are not followed. */
  readonly kind: Uint8Array;
  readonly size: Float64Array;
  /** ms since 1970. */
  readonly modified: Float64Array;
  /** When its state was last changed, ms since 1970. */
  readonly changed: Float64Array;
  readonly inode: Float64Array;
  /** What is in the directories. */
  readonly inside: ReadonlyMap<number, Names>;
  /** Of those that could not be looked at or into: the system's code. */
  readonly codes: ReadonlyMap<number, string>;
}
/** On Linux names are bytes: what is no UTF-8 is in `broken`, as far as it can be shown. */
export interface Names {
  readonly names: readonly string[];
  readonly broken: readonly string[];
}

/** What Node puts where the bytes of a name are no UTF-8. A name may also hold it in truth. */
export const replacement = '\uFFFD';

export function look({ paths }: LookJob): LookResult {
  const kind = new Uint8Array(paths.length);
  const size = new Float64Array(paths.length);
  const modified = new Float64Array(paths.length);
  const changed = new Float64Array(paths.length);
  const inode = new Float64Array(paths.length);
  const inside = new Map<number, Names>();
  const codes = new Map<number, string>();
  paths.forEach((path, i) => {
    try {
      const info = lstatSync(path);
      size[i] = info.size;
      modified[i] = info.mtimeMs;
      changed[i] = info.ctimeMs;
      inode[i] = info.ino;
      kind[i] = kindOf(info);
      if (kind[i] === looked.directory) inside.set(i, namesIn(path));
    } catch (error) {
      codes.set(i, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  });
  return { kind, size, modified, changed, inode, inside, codes };
}

function kindOf(info: Stats): number {
  if (info.isFile()) return looked.file;
  if (info.isDirectory()) return looked.directory;
  return info.isSymbolicLink() ? looked.link : looked.other;
}

function namesIn(path: string): Names {
  const names = readdirSync(path);
  if (!names.some((name) => name.includes(replacement))) return { names: names.sort(), broken: [] };
  const raw = readdirSync(path, { encoding: 'buffer' });
  const text = (some: Buffer[]): string[] => some.map((name) => name.toString('utf8'));
  return { names: text(raw.filter((name) => isUtf8(name))).sort(), broken: text(raw.filter((name) => !isUtf8(name))) };
}
