import { closeSync, constants, openSync } from 'node:fs';
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
/** `code` is the system's, when a file could not be read. */
export type Loaded = { readonly got: number; readonly id: Uint8Array } | { readonly code: string };
export interface LoadResult {
  readonly files: readonly Loaded[];
}

/** No file system call waits for a pipe's other end, and a link put in a file's place is not followed. */
export const sourceFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

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

function readWhole(path: string, target: Uint8Array): number {
  const file = openSync(path, sourceFlags);
  try {
    return readFull(file, target, 0);
  } finally {
    closeSync(file);
  }
}
