import { toHex } from 'viem';
import { z } from 'zod';
import { ask, hashSchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import type { Logger } from '#core/host.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Sent } from './send-table.ts';

/** What a chain says of a transaction handed to it. */
export type HandedOver = { readonly taken: true } | { readonly taken: false; readonly why: string };

const knownSchema = z.object({ hash: hashSchema }).nullable();

/**
 * Give a signed transaction to its chain. Given once more, it is known there already, which is as good.
 *
 * @throws Fail of the chain: then it is not known whether it has it
 */
export async function handOver(chain: Chain, sent: Pick<Sent, 'hash' | 'raw'>, log: Logger): Promise<HandedOver> {
  try {
    const hash = await ask(chain, hashSchema, 'eth_sendRawTransaction', [toHex(sent.raw)]);
    if (hash !== sent.hash)
      log.warn({ chain: chain.ref, hash: sent.hash }, 'the chain gave a transaction another hash');
    return { taken: true };
  } catch (error) {
    if (!isFail(error, 'CHAIN_SAID')) throw error;
    // In what words it says that it has it already differs from chain to chain.
    const known = await ask(chain, knownSchema, 'eth_getTransactionByHash', [sent.hash]);
    if (known?.hash === sent.hash) return { taken: true };
    return {
      taken: false,
      why: String(error.data?.message ?? error.message)
        .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
        .slice(0, 200),
    };
  }
}
