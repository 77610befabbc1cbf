import { getAddress } from 'viem';
import { z } from 'zod';
import type { Receipt } from '#core/evm/accounts.ts';
import { ask, dataSchema, hashSchema, quantitySchema, rawAddressSchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';

const receiptSchema = z
  .object({
    transactionHash: hashSchema,
    blockHash: hashSchema,
    blockNumber: quantitySchema,
    status: quantitySchema,
    gasUsed: quantitySchema,
    effectiveGasPrice: quantitySchema.optional(),
    contractAddress: rawAddressSchema.nullish(),
    logs: z.array(z.object({ address: rawAddressSchema, topics: z.array(hashSchema).max(4), data: dataSchema })),
  })
  .nullable();

const blockSchema = z.object({ hash: hashSchema, timestamp: quantitySchema }).nullable();

export interface Found {
  readonly receipt: Receipt & { readonly blockHash: Hash32 };
  readonly fee: bigint | null;
}

/** What became of a transaction so far; null while it is in no block. @throws Fail of the chain */
export async function receiptOf(chain: Chain, hash: Hash32, signal?: AbortSignal): Promise<Found | null> {
  const options = signal === undefined ? {} : { signal };
  const said = await ask(chain, receiptSchema, 'eth_getTransactionReceipt', [hash], options);
  // Somebody else's receipt says nothing about this one.
  if (said === null || said.transactionHash !== hash) return null;
  const block = await ask(chain, blockSchema, 'eth_getBlockByHash', [said.blockHash, false], options);
  if (block === null || block.hash !== said.blockHash) return null;
  return {
    receipt: {
      hash,
      ok: said.status === 1n,
      block: said.blockNumber,
      blockHash: said.blockHash,
      at: Number(block.timestamp),
      contract: said.contractAddress ? (getAddress(said.contractAddress) as EvmAddress) : null,
      logs: said.logs.map(({ address, topics, data }) => ({
        address: getAddress(address) as EvmAddress,
        topics,
        data,
      })),
    },
    fee: said.effectiveGasPrice === undefined ? null : said.gasUsed * said.effectiveGasPrice,
  };
}
