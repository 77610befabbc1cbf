/** Reads forward through bytes; past the end every read answers null and stays there. Numbers are big-endian. */
export interface ByteReader {
  take(length: number): Uint8Array | null;
  u8(): number | null;
  u16(): number | null;
  /** An unsigned 64-bit number that JavaScript holds exactly; null for a larger one. */
  u64(): number | null;
  /** How many bytes were read. */
  at(): number;
  atEnd(): boolean;
}

export function readBytes(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const step = (length: number): number | null => {
    if (at + length > bytes.length) {
      at = bytes.length + 1;
      return null;
    }
    at += length;
    return at - length;
  };
  return {
    take(length) {
      const from = step(length);
      return from === null ? null : bytes.slice(from, from + length);
    },
    u8() {
      const from = step(1);
      return from === null ? null : view.getUint8(from);
    },
    u16() {
      const from = step(2);
      return from === null ? null : view.getUint16(from);
    },
    u64() {
      const from = step(8);
      if (from === null) return null;
      const value = view.getBigUint64(from);
      return value > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(value);
    },
    at: () => at,
    atEnd: () => at === bytes.length,
  };
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 255);
}

/** @param value a safe integer, not negative */
export function u64(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}
