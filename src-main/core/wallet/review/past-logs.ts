import type { Hex } from 'viem';
import { z } from 'zod';
import type { Asking } from '#core/evm/chain.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Log } from '../simulate/protocol.ts';

/** Questions that one look back may cost. */
const mostQuestions = 200;
/** A node that refuses even so few blocks at once gives no logs. */
const fewest = 64;
const mostLogs = 20_000;

const hex = z
  .string()
  .regex(/^0x[0-9a-fA-F]*$/)
  .transform((text) => text.toLowerCase() as Hex);
const logsSchema = z.array(z.object({ address: hex, topics: z.array(hex), data: hex, blockNumber: hex })).max(mostLogs);

export interface PastLog extends Log {
  readonly block: number;
}

/**
 * Logs from the newest block back, in windows as wide as the node takes them.
 *
 * @returns the first block that was looked at: not 0 where the questions ran out, or the node keeps no older logs. Oldest first
 * @throws Fail of the chain, when not even the newest window was given
 */
export async function pastLogs(
  chain: Asking,
  filter: { readonly topics: readonly unknown[] },
  newest: number,
  signal?: AbortSignal,
): Promise<{ logs: PastLog[]; from: number }> {
  const found: PastLog[][] = [];
  let count = 0;
  let to = newest;
  let width = newest + 1;
  for (let asked = 0; asked < mostQuestions && to >= 0 && count < mostLogs; asked += 1) {
    const from = Math.max(0, to - width + 1);
    const wanted = { ...filter, fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` };
    try {
      const answer = await chain.request('eth_getLogs', [wanted], signal === undefined ? {} : { signal });
      const parsed = logsSchema.safeParse(answer);
      if (!parsed.success) throw fail('CHAIN_SAID', 'The chain’s node gave logs that are none.', { data: { code: 0 } });
      found.push(parsed.data.map(({ blockNumber, ...log }) => ({ ...log, block: Number(blockNumber) })));
      count += parsed.data.length;
      to = from - 1;
      width *= 2;
    } catch (error) {
      if (!isFail(error, 'CHAIN_SAID')) throw error;
      if (width <= fewest) {
        if (to === newest) throw error;
        break;
      }
      width = Math.max(fewest, Math.floor(Math.min(width, to + 1) / 4));
    }
  }
  return { logs: found.toReversed().flat(), from: to + 1 };
}
