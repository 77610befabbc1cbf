import { createCipheriv, createHash } from 'node:crypto';

/** A generator that gives the same bytes and numbers for the same seed on every computer: AES-128-CTR keystream. */
export interface Stream {
  bytes(length: number): Buffer;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** Like {@link between}, with as many values between 1 and 2 KiB as between 1 and 2 MiB: how file sizes lie. */
  logBetween(low: number, high: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
}

export function streamOf(seed: string): Stream {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  // Numbers are drawn by the million; one cipher call each would cost more than the numbers.
  let pool = Buffer.alloc(0);
  let at = 0;
  const fraction = () => {
    if (at + 4 > pool.length) {
      pool = cipher.update(Buffer.alloc(64 * 1024));
      at = 0;
    }
    at += 4;
    return pool.readUInt32LE(at - 4) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(fraction() * (high - low + 1));
  return {
    bytes: (length) => cipher.update(Buffer.alloc(length)),
    between,
    logBetween: (low, high) => Math.round(low * (high / low) ** fraction()),
    pick: (from) => from[between(0, from.length - 1)] ?? from[0],
  };
}
