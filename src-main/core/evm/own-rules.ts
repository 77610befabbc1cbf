import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common';

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
