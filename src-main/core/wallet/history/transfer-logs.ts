import { getAddress, pad } from 'viem';
import { z } from 'zod';
import { ask, dataSchema, hashSchema, hex, quantitySchema, rawAddressSchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { TransferRow } from './transfer-table.ts';

/** keccak256 of `Transfer(address,address,uint256)` (ERC-20). */
const transferTopic: string = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

const logsSchema = z.array(
  z.object({
    address: rawAddressSchema,
    topics: z.array(hashSchema).max(4),
    data: dataSchema,
    blockNumber: quantitySchema,
    blockHash: hashSchema,
    transactionHash: hashSchema,
    logIndex: quantitySchema,
    removed: z.boolean().optional(),
  }),
);

const blockSchema = z.object({ hash: hashSchema, timestamp: quantitySchema }).nullable();

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Logs that one answer may hold; a chain that gives more is asked for less at a time. */
const mostLogs = 10_000;

/**
 * Transfers of some tokens to or from some accounts, in a range of blocks. What does not fit the question is left out.
 *
 * @throws Fail of the chain; CHAIN_SAID too when the range was too much for it
 */
export async function transfersIn(
  chain: Chain,
  accounts: readonly EvmAddress[],
  tokens: readonly EvmAddress[],
  range: Range,
): Promise<TransferRow[]> {
  const topics = accounts.map((account) => pad(account, { size: 32 }).toLowerCase());
  const where = { address: tokens, fromBlock: hex(range.from), toBlock: hex(range.to) };
  const asked = (filter: readonly unknown[]) => ask(chain, logsSchema, 'eth_getLogs', [{ ...where, topics: filter }]);
  const [incoming, outgoing] = [await asked([transferTopic, null, topics]), await asked([transferTopic, topics])];
  if (incoming.length + outgoing.length > mostLogs) throw tooMuch();
  const wanted = new Map(tokens.map((token) => [token.toLowerCase(), token]));
  const own = new Map(accounts.map((account) => [account.toLowerCase(), account]));
  const times = new Map<string, number>();
  const rows: TransferRow[] = [];
  for (const [logs, isIncoming] of [
    [incoming, true],
    [outgoing, false],
  ] as const) {
    for (const log of logs) {
      const [topic, sender, recipient] = log.topics;
      const token = wanted.get(log.address);
      const block = Number(log.blockNumber);
      if (topic !== transferTopic || sender === undefined || recipient === undefined || token === undefined) continue;
      if (log.topics.length !== 3 || log.data.length !== 66 || log.removed === true) continue;
      if (block < range.from || block > range.to) continue;
      const [from, to] = [`0x${sender.slice(26)}`, `0x${recipient.slice(26)}`];
      const account = own.get(isIncoming ? to : from);
      if (account === undefined) continue;
      const at = times.get(log.blockHash) ?? (await timeOf(chain, log.blockHash));
      // A block that is none any more: the next look finds where its transactions went.
      if (at === null) continue;
      times.set(log.blockHash, at);
      rows.push({
        ...{ chain: chain.ref, account, hash: log.transactionHash, position: Number(log.logIndex), token },
        ...{ incoming: isIncoming, other: getAddress(isIncoming ? from : to) as EvmAddress },
        ...{ amount: BigInt(log.data), block, at },
      });
    }
  }
  return rows;
}

async function timeOf(chain: Chain, hash: string): Promise<number | null> {
  const block = await ask(chain, blockSchema, 'eth_getBlockByHash', [hash, false]);
  return block?.hash === hash ? Number(block.timestamp) * 1_000 : null;
}

class TooMuch extends Error {}
const tooMuch = (): TooMuch => new TooMuch('too many logs at once');

/** The range was more than the chain gives at once. */
export const isTooMuch = (error: unknown): boolean => error instanceof TooMuch || isFail(error, 'CHAIN_SAID');
