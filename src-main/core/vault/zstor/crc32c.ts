/**
 * CRC-32C (Castagnoli, RFC 3720 appendix B.4; reflected polynomial 0x82F63B78), eight bytes at a time by eight tables ("slicing by 8"). It finds
 * accidents, and nobody's intent.
 */
const tables = Array.from({ length: 8 }, () => new Uint32Array(256));
const first = tables[0] as Uint32Array;
for (let i = 0; i < 256; i++) {
  let crc = i;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  first[i] = crc;
}
for (let t = 1; t < 8; t++) {
  for (let i = 0; i < 256; i++) {
    const before = tables[t - 1]?.[i] ?? 0;
    (tables[t] as Uint32Array)[i] = (before >>> 8) ^ (first[before & 255] ?? 0);
  }
}
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

/** @returns 0..2^32-1 */
export function crc32c(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = 0xffffffff;
  let at = 0;
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low = crc ^ view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    crc =
      (t7[low & 255] as number) ^
      (t6[(low >>> 8) & 255] as number) ^
      (t5[(low >>> 16) & 255] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[high & 255] as number) ^
      (t2[(high >>> 8) & 255] as number) ^
      (t1[(high >>> 16) & 255] as number) ^
      (t0[high >>> 24] as number);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 255] as number);
  return ~crc >>> 0;
}
