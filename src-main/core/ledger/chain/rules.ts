import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common';

/** Gas of a block. Nothing is paid for it: it only bounds how long one takes. */
export const blockGas = 30_000_000n;

/**
 * The rules of an own ledger, fixed for its life: Ethereum's as of Cancun without what belongs to its beacon chain, which there is
 * none of here (blobs, and the beacon's roots that each block would write into the state). A chain id of its own, a base fee of nothing.
 *
 * @param chainId from 2^32 up to 2^53, so that it is none of a public chain and every program can say it
 */
export function rulesOf(chainId: bigint): Common {
  return createCustomCommon({ chainId: Number(chainId), name: 'hypha' }, Mainnet, {
    hardfork: Hardfork.Shanghai,
    eips: [1153, 5656, 6780],
  });
}

/** A chain id from 8 random bytes. */
export function chainIdFrom(random: Uint8Array): bigint {
  const value = Buffer.from(random).readBigUInt64BE() & ((1n << 53n) - 1n);
  return value < 1n << 32n ? value + (1n << 32n) : value;
}
