import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { readFull } from './scan.ts';

/**
 * Read small files whole into the arena and name each by its keyed id. On a worker, with plain system calls: asking the
 * event loop four times for every tiny file costs ten times what reading it does.
 */
export interface LoadJob {
  readonly kind: 'load';
  readonly paths: readonly string[];
  /** By file: where it goes, and a byte more than it had, so that one that has grown is told. */
  readonly at: Uint32Array;
  readonly room: Uint32Array;
  readonly idKey: Uint8Array;
}
export interface LoadResult {
  /** By file: its bytes, or -1 for one that failed. */
  readonly got: Int32Array;
  /** Keyed ids of {@link idBytes} each, one after the other. */
  readonly ids: Uint8Array;
  /** Of those that failed: the system's code, or {@link changed} when it was written to meanwhile. */
  readonly codes: ReadonlyMap<number, string>;
}
export const idBytes = 32;

/** No file system call waits for a pipe's other end, and a link put in a file's place is not followed. */
export const sourceFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** In the place of a system's code: the file changed while it was read, again at the second try. */
export const changed = 'CHANGED';

/** What a file looks like from outside. Times in ms. */
export interface Looks {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/**
 * Nobody wrote to the file between two looks, as far as its times tell: they go in steps of the system's clock (some milliseconds
 * on Linux). The time of the last change of its state cannot be set back; on Windows reading may move it, so it says nothing there.
 */
export const isUnchanged = (a: Looks, b: Looks): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && (process.platform === 'win32' || a.ctimeMs === b.ctimeMs);

export function load(bytes: Uint8Array, { paths, at, room, idKey }: LoadJob): LoadResult {
  const got = new Int32Array(paths.length);
  const ids = new Uint8Array(paths.length * idBytes);
  const codes = new Map<number, string>();
  paths.forEach((path, i) => {
    const from = at[i] ?? 0;
    try {
      const length = readWhole(path, bytes.subarray(from, from + (room[i] ?? 0)));
      if (length > 0) ids.set(hmacSha256(idKey, bytes.subarray(from, from + length)), i * idBytes);
      got[i] = length;
    } catch (error) {
      got[i] = -1;
      codes.set(i, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  });
  return { got, ids, codes };
}

/** @throws with code {@link changed} */
function readWhole(path: string, target: Uint8Array): number {
  const file = openSync(path, sourceFlags);
  try {
    for (let look = fstatSync(file), tries = 2; tries > 0; tries--) {
      const got = readFull(file, target, 0);
      // Longer than was said: it is read another way, which looks for itself.
      if (got === target.length) return got;
      const after = fstatSync(file);
      if (isUnchanged(look, after)) return got;
      look = after;
    }
    throw Object.assign(new Error('the file changed while it was read'), { code: changed });
  } finally {
    closeSync(file);
  }
}
