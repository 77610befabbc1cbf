import { scratchBytes } from '../erasure/kernel.ts';
import { cutRules } from '../format/chunker.ts';
import { headerBytes, shardLengthFor, tagBytes } from '../format/shard.ts';

/**
 * One shared memory for the whole pipeline. Files are read into it, chunks are cut, sealed and erasure-coded in it by any
 * worker's kernel, shards are written from it: nothing is copied between threads, and the vault's memory is bounded by
 * its size whatever a file's.
 *
 *     page 0 unused | scratch per kernel | segments (room for a tail, then what is read) | slots (one pack each)
 */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly scratch: readonly number[];
  readonly segments: readonly number[];
  /** Regions of {@link readRegionBytes}, for sealed chunks on their way to be opened. */
  readonly reads: readonly number[];
  /** The same, for chunks on their way to files: a slow disk there holds up no other reader. */
  readonly outs: readonly number[];
  readonly slots: readonly number[];
  /** Bytes of one slot: k+m shards of the largest pack, as {@link imageStride} puts them. */
  readonly slotBytes: number;
}

/** Bytes read at once; before them is room for what the last cut left over (less than the largest chunk). */
export const readBytes = 2 * 1024 * 1024;
export const tailRoom = cutRules.max;
export const segmentBytes = tailRoom + readBytes;

/** Plain bytes gathered in a pack before it is sealed. Bounded so that k+m shards of it stay within 24 MiB. */
export function packCapacity(k: number, m: number): number {
  const least = cutRules.max + 65_536;
  return Math.max(least, Math.min(8 * 1024 * 1024, Math.floor((24 * 1024 * 1024 * k) / (k + m))));
}

/** Room for one sealed chunk as this release writes them. */
export const readRegionBytes = cutRules.max + 4096;
/**
 * From one shard file to the next in a slot that was sealed: each lies there as it is written, header and tag beside its bytes, and
 * begins on a page of its own, so that a disk can take it from there without the system's copy of it.
 */
export const imageStride = (shardLength: number): number => toPages(headerBytes + shardLength + tagBytes);

const toPages = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

const readRegions = 3;
const outRegions = 3;

/** Segments that are read into, and packs that are sealed and written at a time: together with the regions, the vault's memory. */
const segmentCount = 7;
const slotCount = 3;

export function createArena(k: number, m: number, kernels: number): Arena {
  // A sealed chunk is 16 bytes longer than its plain; the smallest files make at most one chunk per 64 plain bytes... a
  // pack closes at 4096 chunks, so 64 KiB more is enough.
  const slotBytes = imageStride(shardLengthFor(packCapacity(k, m) + 2 * 65_536, k)) * (k + m);
  let at = 65_536;
  const take = (size: number): number => {
    const start = at;
    at += toPages(size);
    return start;
  };
  const places = {
    scratch: Array.from({ length: kernels }, () => take(scratchBytes)),
    segments: Array.from({ length: segmentCount }, () => take(segmentBytes)),
    reads: Array.from({ length: readRegions }, () => take(readRegionBytes)),
    outs: Array.from({ length: outRegions }, () => take(readRegionBytes)),
    slots: Array.from({ length: slotCount }, () => take(slotBytes)),
  };
  const pages = Math.ceil(at / 65_536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return { memory, bytes: new Uint8Array(memory.buffer), slotBytes, ...places };
}
