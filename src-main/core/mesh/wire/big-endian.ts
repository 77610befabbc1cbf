/* Big-endian (network order) integers in byte arrays. The caller has checked the bounds. */

export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function u32(bytes: Uint8Array, at: number): number {
  return ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;
}

/** A u64 as a number; null above 2^53 - 1, which nothing in the protocol can mean honestly. */
export function u64(bytes: Uint8Array, at: number): number | null {
  const value = u32(bytes, at) * 0x1_0000_0000 + u32(bytes, at + 4);
  return Number.isSafeInteger(value) ? value : null;
}

export function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value >>> 16);
  putU16(bytes, at + 2, value & 0xffff);
}

/** @param value a safe integer, not negative */
export function putU64(bytes: Uint8Array, at: number, value: number): void {
  putU32(bytes, at, Math.floor(value / 0x1_0000_0000));
  putU32(bytes, at + 4, value % 0x1_0000_0000);
}
