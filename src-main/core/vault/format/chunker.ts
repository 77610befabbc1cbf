import { hkdfSha512 } from '#core/crypto/kdf.ts';
import type { CutRules } from '../erasure/kernel.ts';

/**
 * Content-defined chunking, keyed per vault. With a public chunker the lengths of a file's chunks are a fingerprint:
 * whoever sees them can tell that a known file is in the vault ("chunk-size fingerprinting"; restic#5291, and Truong et
 * al., "Breaking and fixing content-defined chunking", 2025). Two things stand against it: the gear table comes from the
 * vault's key, and chunks are packed one after the other into packs, so a place never sees a chunk's length at all.
 */
export const cutRules: CutRules = {
  min: 256 * 1024,
  normal: 1024 * 1024,
  max: 2 * 1024 * 1024,
  // The newest bytes reach only the low bits of the gear hash: the high bits mix the whole window of 32 bytes.
  maskSmall: 0xfffffc00 | 0,
  maskLarge: 0xffffc000 | 0,
};

/** 256 little-endian u32 values. */
export function gearTable(chunkerKey: Uint8Array): Uint8Array {
  return hkdfSha512(chunkerKey, new Uint8Array(0), 'hypha vault gear table v1', 1024);
}

/** What the kernel's `cut` does, in plain TypeScript: the oracle. 0 means "no cut in what is there". */
export function cutReference(gear: Uint8Array, data: Uint8Array, rules: CutRules): number {
  const table = new DataView(gear.buffer, gear.byteOffset, gear.byteLength);
  if (data.length <= rules.min) return 0;
  const end = Math.min(data.length, rules.max);
  let hash = 0;
  for (let i = rules.min - 32; i < end; i++) {
    hash = ((hash << 1) + table.getUint32((data[i] ?? 0) * 4, true)) | 0;
    if (i >= rules.min && (hash & (i < rules.normal ? rules.maskSmall : rules.maskLarge)) === 0) return i + 1;
  }
  return end === rules.max ? rules.max : 0;
}
