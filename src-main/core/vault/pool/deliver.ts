import { closeSync, futimesSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { freeNow } from '#core/crypto/free.ts';
import { type Codec, openChunkInPlace } from '../format/chunk.ts';
import { giveName } from './give-name.ts';

/**
 * Open chunks of one pack where they lie in the arena and write their plain bytes to files, with plain system calls: the
 * bytes never cross threads, and a worker writes small files many times faster than the event loop can ask for it.
 */
export interface DeliverJob {
  readonly kind: 'deliver';
  readonly packKey: Uint8Array;
  readonly packId: Uint8Array;
  readonly chunks: readonly {
    readonly index: number;
    readonly codec: Codec;
    readonly plain: number;
    /** Where its sealed bytes lie in the arena, and how many. */
    readonly at: number;
    readonly sealed: number;
    /** Into an open file, or as a whole file: made under `temporary`, then given its name `path`. */
    readonly to: { readonly fd: number; readonly position: number } | WholeFile;
  }[];
}
export interface WholeFile {
  readonly path: string;
  readonly temporary: string;
  /** Seconds since 1970. */
  readonly modified: number;
}
/** Written; or not that chunk; or the system's code, when the file could not be written: EEXIST, its name is taken. */
export type Delivered = 'written' | 'damaged' | { readonly code: string };
export interface DeliverResult {
  readonly delivered: readonly Delivered[];
}

export function deliver(bytes: Uint8Array, { packKey, packId, chunks }: DeliverJob): DeliverResult {
  return {
    delivered: chunks.map(({ index, codec, plain: length, at, sealed, to }): Delivered => {
      const region = bytes.subarray(at, at + sealed);
      const plain = openChunkInPlace(packKey, { packId, index, codec, plain: length }, region);
      if (plain === null) return 'damaged';
      try {
        if ('fd' in to) writeAll(to.fd, plain, to.position);
        else writeWhole(to, plain);
        return 'written';
      } catch (error) {
        return { code: (error as NodeJS.ErrnoException).code ?? String(error) };
      } finally {
        if (plain.buffer !== bytes.buffer) freeNow(plain);
      }
    }),
  };
}

function writeAll(fd: number, plain: Uint8Array, position: number): void {
  for (let at = 0; at < plain.length; ) at += writeSync(fd, plain, at, plain.length - at, position + at);
}

/** Under its own name a file is whole, and new: neither it nor the temporary one (`wx`) is written over anything. */
export function writeWhole({ path, temporary, modified }: WholeFile, plain: Uint8Array): void {
  const fd = openSync(temporary, 'wx', 0o644);
  try {
    try {
      writeAll(fd, plain, 0);
      futimesSync(fd, Date.now() / 1000, modified);
    } finally {
      closeSync(fd);
    }
    giveName(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}
