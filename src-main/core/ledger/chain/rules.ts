/** Gas of a block. Nothing is paid for it: it only bounds how long one takes. */
export const blockGas = 30_000_000n;

/** A chain id from 8 random bytes. */
export function chainIdFrom(random: Uint8Array): bigint {
  const value = Buffer.from(random).readBigUInt64BE() & ((1n << 53n) - 1n);
  return value < 1n << 32n ? value + (1n << 32n) : value;
}
