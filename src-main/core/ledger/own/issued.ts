import { type Abi, decodeEventLog, toEventSelector } from 'viem';
import { z } from 'zod';
import { ask, dataSchema, hashSchema, hex, newestBlock, quantitySchema } from '#core/evm/answers.ts';
import type { Asking } from '#core/evm/chain.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';

/** Credits as they were issued or given back, by the chain. */
export interface CreditEvent {
  readonly kind: 'issue' | 'redeem';
  readonly who: EvmAddress;
  readonly units: bigint;
  readonly record: Hash32;
  readonly tx: Hash32;
  readonly block: number;
}

const logSchema = z.object({
  topics: z.array(hashSchema).max(4),
  data: dataSchema,
  blockNumber: quantitySchema,
  transactionHash: hashSchema,
});
const kinds = {
  [toEventSelector('Issued(address,uint256,bytes32)')]: 'issue',
  [toEventSelector('Redeemed(address,uint256,bytes32)')]: 'redeem',
} as Readonly<Record<string, CreditEvent['kind']>>;
const widest = 20_000n;

/**
 * The newest first, from a block backwards.
 *
 * @returns at least `wanted` where there are so many, and all of the last block that was looked at; `next` is where to go on, null at the beginning
 */
export async function creditEvents(
  chain: Asking,
  address: EvmAddress,
  wanted: number,
  before: number | null,
): Promise<{ readonly events: readonly CreditEvent[]; readonly next: number | null }> {
  const events: CreditEvent[] = [];
  let to = before === null ? await newestBlock(chain) : BigInt(before) - 1n;
  let width = widest;
  while (to >= 0n && events.length < wanted) {
    const from = to - width + 1n > 0n ? to - width + 1n : 0n;
    try {
      const filter = { address, topics: [Object.keys(kinds)], fromBlock: hex(from), toBlock: hex(to) };
      const logs = await ask(chain, z.array(logSchema), 'eth_getLogs', [filter]);
      events.push(...logs.reverse().map(eventOf));
    } catch (error) {
      if (!isFail(error, 'CHAIN_SAID') || width === 1n) throw error;
      // More than one answer holds.
      width = width / 8n > 0n ? width / 8n : 1n;
      continue;
    }
    to = from - 1n;
  }
  // Cut between two blocks, so that going on leaves nothing out.
  const last = events[wanted - 1]?.block;
  if (last === undefined) return { events, next: null };
  const kept = events.filter(({ block }) => block >= last);
  return { events: kept, next: last > 0 ? last : null };
}

function eventOf(log: z.output<typeof logSchema>): CreditEvent {
  const [signature, ...rest] = log.topics;
  const topics = [signature, ...rest] as [Hash32, ...Hash32[]];
  const { args } = decodeEventLog({ abi: credits.abi as Abi, topics, data: log.data });
  const { to, from, amount, record } = args as unknown as {
    to?: EvmAddress;
    from?: EvmAddress;
    amount: bigint;
    record: Hash32;
  };
  const who = to ?? from;
  const kind = kinds[signature ?? ''];
  if (who === undefined || kind === undefined) throw new Error('an event that was not asked for');
  return { kind, who, units: amount, record, tx: log.transactionHash, block: Number(log.blockNumber) };
}
