import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { readFull } from './scan.ts';

/**
 * Read small files whole into the arena and name each by its keyed id. On a worker, with plain system calls: asking the
 * event loop four times for every tiny file costs ten times what reading it does.
 */
export interface LoadJob {
  readonly kind: 'load';
  /** `room` is a byte more than the file had, so that one that has grown is told. */
  readonly files: readonly { readonly path: string; readonly at: number; readonly room: number }[];
  readonly idKey: Uint8Array;
}
/** `code` is the system's when a file could not be read, {@link changed} when it was written to meanwhile. */
export type Loaded = { readonly got: number; readonly id: Uint8Array } | { readonly code: string };
export interface LoadResult {
  readonly files: readonly Loaded[];
}

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

export function load(bytes: Uint8Array, job: LoadJob): LoadResult {
  return {
    files: job.files.map(({ path, at, room }) => {
      try {
        const got = readWhole(path, bytes.subarray(at, at + room));
        return { got, id: hmacSha256(job.idKey, bytes.subarray(at, at + got)) };
      } catch (error) {
        return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
      }
    }),
  };
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
