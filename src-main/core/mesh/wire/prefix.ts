/** An IPv6 prefix. Made only by {@link prefixOf}, so that bits past the length are zero and equal prefixes have equal keys. */
export interface Prefix {
  /** 16 bytes. */
  readonly bytes: Uint8Array;
  /** Bits, 0 to 128. */
  readonly length: number;
  /** Names the prefix in maps: the hex of its whole bytes, a slash, its length. */
  readonly key: string;
}

/** Nodes own, announce and ask for /64s; anything longer is read and obeyed, never sent unasked. */
export const subnetBits = 64;

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));

/** Bytes a prefix takes on the wire: those that hold its bits. */
export function prefixBytes(length: number): number {
  return (length + 7) >> 3;
}

/**
 * The prefix that holds the first `length` bits found at `at`; later bits are ignored.
 *
 * @param bytes at least `prefixBytes(length)` of them at `at`
 */
export function prefixOf(bytes: Uint8Array, length: number, at = 0): Prefix {
  const out = new Uint8Array(16);
  const whole = prefixBytes(length);
  for (let i = 0; i < whole; i++) out[i] = bytes[at + i] as number;
  const spare = whole * 8 - length;
  if (spare > 0) out[whole - 1] = ((out[whole - 1] as number) >> spare) << spare;
  let key = '';
  for (let i = 0; i < whole; i++) key += hexPairs[out[i] as number];
  return { bytes: out, length, key: `${key}/${length}` };
}

/** The /64 around an address. */
export function subnetOf(address: Uint8Array): Prefix {
  return prefixOf(address, subnetBits);
}

/** Whether the address (16 bytes at `at`) lies in the prefix. */
export function contains(prefix: Prefix, bytes: Uint8Array, at = 0): boolean {
  const whole = prefix.length >> 3;
  for (let i = 0; i < whole; i++) if (bytes[at + i] !== prefix.bytes[i]) return false;
  const rest = prefix.length & 7;
  if (rest === 0) return true;
  return ((bytes[at + whole] as number) ^ (prefix.bytes[whole] as number)) >> (8 - rest) === 0;
}
