import { z } from 'zod';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { ask, dataSchema, hashSchema, hex, quantitySchema, rawAddressSchema } from './answers.ts';
import type { Asking } from './chain.ts';

const logSchema = z.object({
  address: rawAddressSchema,
  topics: z.array(hashSchema).max(4),
  data: dataSchema,
  blockNumber: quantitySchema,
  transactionHash: hashSchema,
});
export type Log = z.output<typeof logSchema>;

/** Blocks that are asked about at once to begin with. Public chains allow between some hundreds and any number. */
const widest = 50_000n;

interface Wanted {
  readonly address: EvmAddress;
  /** Of the first topic, which names the event. */
  readonly event: Hash32;
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * All events of one kind of a contract, oldest first, asked for in windows that shrink where a chain says that it is too much.
 *
 * @throws Fail as {@link ask}: also when a single block is too much for the chain
 */
export async function readLogs(chain: Asking, wanted: Wanted, signal?: AbortSignal): Promise<Log[]> {
  const { address, event } = wanted;
  const found: Log[] = [];
  let width = widest;
  for (let from = wanted.from; from <= wanted.to; ) {
    signal?.throwIfAborted();
    const to = from + width - 1n < wanted.to ? from + width - 1n : wanted.to;
    try {
      const filter = { address, topics: [event], fromBlock: hex(from), toBlock: hex(to) };
      found.push(...(await ask(chain, z.array(logSchema), 'eth_getLogs', [filter])));
    } catch (error) {
      // There is no common code for "too many": a narrower question tells it from a chain that answers none.
      if (!isFail(error, 'CHAIN_SAID') || width === 1n) throw error;
      width = width > 8n ? width / 8n : 1n;
      continue;
    }
    from = to + 1n;
    if (width < widest) width *= 2n;
  }
  return found;
}
