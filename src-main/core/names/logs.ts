import { z } from 'zod';
import { ask, dataSchema, hashSchema, hex, newestBlock } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';

const logSchema = z.object({ topics: z.array(hashSchema).max(4), data: dataSchema, transactionHash: hashSchema });
type Log = z.output<typeof logSchema>;
const logsSchema = z.array(logSchema);

interface Wanted {
  readonly address: EvmAddress;
  readonly topics: readonly (Hash32 | readonly Hash32[] | null)[];
}

/** Blocks that are asked about at once to begin with. Public chains allow between some hundreds and any number. */
const widest = 50_000n;
const narrowest = 16n;

/**
 * Events of a contract, in windows that halve where a chain says that one asks too much, and grow again where it does not.
 *
 * @param from the first block @param until the last; the newest unless given
 * @throws Fail of the chain, when even a narrow window is refused
 */
export async function* readLogs(
  chain: Chain,
  { address, topics }: Wanted,
  from: bigint,
  order: 'newest first' | 'oldest first',
  until?: bigint,
): AsyncGenerator<Log> {
  const last = until ?? (await newestBlock(chain));
  let [low, high] = [from, last];
  let width = widest;
  while (low <= high) {
    const first = order === 'oldest first' ? low : high - width + 1n > low ? high - width + 1n : low;
    const end = order === 'oldest first' ? (low + width - 1n < high ? low + width - 1n : high) : high;
    let logs: readonly Log[];
    try {
      const window = { address, topics, fromBlock: hex(first), toBlock: hex(end) };
      logs = await ask(chain, logsSchema, 'eth_getLogs', [window]);
    } catch (error) {
      // There is no common code for "too many": a narrower question tells it from a chain that answers none.
      if (!isFail(error, 'CHAIN_SAID') || width <= narrowest) throw error;
      width /= 4n;
      continue;
    }
    yield* order === 'oldest first' ? logs : logs.toReversed();
    if (order === 'oldest first') low = end + 1n;
    else high = first - 1n;
    if (width < widest) width *= 2n;
  }
}
