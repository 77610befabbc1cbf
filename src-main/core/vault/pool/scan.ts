import { readSync } from 'node:fs';
import { hmacSha256 } from '#core/crypto/hash.ts';
import type { Kernel } from '../erasure/kernel.ts';
import { cutRules } from '../format/chunker.ts';

/**
 * Cut the bytes at `at` into chunks and name each by its keyed id: `tail` bytes that an earlier cut left over, then what
 * is read behind them from a file, or lies there already.
 */
export interface ScanJob {
  readonly kind: 'scan';
  readonly at: number;
  readonly tail: number;
  readonly fill:
    | { readonly fd: number; readonly position: number; readonly length: number }
    | { readonly got: number; readonly final: boolean };
  readonly gear: Uint8Array;
  readonly idKey: Uint8Array;
}
export interface ScanResult {
  /** Bytes behind the tail. Fewer than asked for: the file has ended, and nothing is left uncut. */
  readonly got: number;
  readonly chunks: readonly { length: number; id: Uint8Array }[];
  /** The system's, when the file could not be read. */
  readonly code: string | null;
}

export function scan(kernel: Kernel, bytes: Uint8Array, { at: start, tail, fill, gear, idKey }: ScanJob): ScanResult {
  let got = 0;
  let final = false;
  try {
    if ('fd' in fill) {
      got = readFull(fill.fd, bytes.subarray(start + tail, start + tail + fill.length), fill.position);
      final = got < fill.length;
    } else {
      ({ got, final } = fill);
    }
  } catch (error) {
    return { got: 0, chunks: [], code: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
  const chunks: { length: number; id: Uint8Array }[] = [];
  const end = start + tail + got;
  for (let at = start; at < end; ) {
    let length = kernel.cut(gear, at, end - at, cutRules);
    if (length === 0) {
      if (!final) break;
      length = end - at;
    }
    chunks.push({ length, id: hmacSha256(idKey, bytes.subarray(at, at + length)) });
    at += length;
  }
  return { got, chunks, code: null };
}

/** Fill `target` from a file; fewer bytes only at its end. */
export function readFull(fd: number, target: Uint8Array, position: number): number {
  let got = 0;
  while (got < target.length) {
    const more = readSync(fd, target, got, target.length - got, position + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}
