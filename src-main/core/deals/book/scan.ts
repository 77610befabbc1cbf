import { type Abi, decodeEventLog, encodeEventTopics, type Hex, pad } from 'viem';
import { z } from 'zod';
import { ask, dataSchema, hashSchema, hex, newestBlock, quantitySchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Ground } from '../chain/escrow.ts';
import type { Book, KeptEvent } from './book.ts';

/** Blocks that are asked for at once: fewer where a chain answers that it is too much, more again where it goes well. */
const firstWindow = 4_096;
const largestWindow = 65_536;
/** Deals in one question. */
const atOnce = 50;
/** How far back is looked anew when a chain was written anew. */
const rewindBlocks = 256;

const logSchema = z.array(
  z.object({
    address: z.string(),
    topics: z.array(hashSchema).min(1).max(4),
    data: dataSchema,
    blockNumber: quantitySchema,
    transactionHash: hashSchema,
    logIndex: quantitySchema,
    removed: z.boolean().optional(),
  }),
);
const blockSchema = z.object({ hash: hashSchema, timestamp: quantitySchema });
type Log = z.output<typeof logSchema>[number];

const [agreed] = encodeEventTopics({ abi: deals.abi, eventName: 'Agreed' });

async function blockAt(chain: Chain, number: number): Promise<{ hash: Hash32; at: number } | null> {
  const block = await ask(chain, blockSchema.nullable(), 'eth_getBlockByNumber', [hex(number), false]);
  return block === null ? null : { hash: block.hash, at: Number(block.timestamp) };
}

/**
 * Look for what happened in the deals of one account since the last look: those it has become a party of, and those already known.
 *
 * @returns the deals that something happened in @throws Fail of the chain
 */
export async function scan(ground: Ground, book: Book, account: EvmAddress, signal: AbortSignal): Promise<Set<Hash32>> {
  const { chain, venue } = ground;
  const who = account.toLowerCase();
  const head = Number(await newestBlock(chain));
  const touched = new Set<Hash32>();
  let from = await begin(ground, book, who, head);
  let window = firstWindow;
  while (from <= head && !signal.aborted) {
    const to = Math.min(head, from + window - 1);
    try {
      const logs = await logsIn(chain, venue.deals, account, book, from, to);
      const times = new Map<number, number>();
      const found: KeptEvent[] = [];
      for (const log of logs) {
        const block = Number(log.blockNumber);
        let at = times.get(block);
        if (at === undefined) {
          at = (await blockAt(chain, block))?.at ?? 0;
          times.set(block, at);
        }
        const event = decode(log, block, at);
        if (event === null) continue;
        found.push(event);
        touched.add(event.deal);
      }
      const end = await blockAt(chain, to);
      if (end === null) return touched;
      // Known before what happened in them: a row that nobody asks for is less than one that is missing.
      for (const { name, deal, args } of found)
        if (name === 'Agreed') book.add(deal, chain.ref, (args.offer as Hash32 | undefined) ?? null);
      book.record(chain.ref, who, found, { block: to, hash: end.hash });
      from = to + 1;
      window = Math.min(window * 2, largestWindow);
    } catch (error) {
      // So answer those who find that it is too many blocks, or too many logs.
      if (!isFail(error, 'CHAIN_SAID') || window === 1) throw error;
      window = Math.max(1, Math.floor(window / 4));
    }
  }
  return touched;
}

/** Where to go on: after the last block that is still the one it was. */
async function begin({ chain, venue }: Ground, book: Book, who: string, head: number): Promise<number> {
  const last = book.checkpoint(chain.ref, who);
  if (last === null) return chain.kind === 'public' ? firstBlockOf(chain, venue.deals, head) : 0;
  if (last.block <= head && (await blockAt(chain, last.block))?.hash === last.hash) return last.block + 1;
  const back = Math.max(0, Math.min(last.block, head) - rewindBlocks);
  const there = back === 0 ? null : await blockAt(chain, back);
  book.rewind(chain.ref, there === null ? null : { block: back, hash: there.hash });
  return there === null ? 0 : back + 1;
}

/** The block that the contract came with, where the chain still knows old states; else so far back as one can ask cheaply. */
async function firstBlockOf(chain: Chain, address: EvmAddress, head: number): Promise<number> {
  let [low, high] = [0, head];
  try {
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const code = await ask(chain, dataSchema, 'eth_getCode', [address, hex(middle)]);
      if (code.length > 2) high = middle;
      else low = middle + 1;
    }
    return low;
  } catch (error) {
    if (!isFail(error, 'CHAIN_SAID')) throw error;
    return Math.max(0, head - 100_000);
  }
}

async function logsIn(chain: Chain, address: EvmAddress, account: EvmAddress, book: Book, from: number, to: number) {
  const find = async (topics: readonly unknown[]): Promise<Log[]> => {
    const filter = { address, fromBlock: hex(from), toBlock: hex(to), topics };
    const logs = await ask(chain, logSchema, 'eth_getLogs', [filter]);
    return logs.filter((log) => log.removed !== true && log.address.toLowerCase() === address.toLowerCase());
  };
  const party = pad(account.toLowerCase() as Hex, { size: 32 });
  const made = [...(await find([agreed, null, party])), ...(await find([agreed, null, null, party]))];
  const ids = new Set<Hex>(book.idsOn(chain.ref));
  for (const { topics } of made) if (topics[1] !== undefined) ids.add(topics[1]);
  const all = [...ids];
  const rest: Log[] = [];
  for (let i = 0; i < all.length; i += atOnce) rest.push(...(await find([null, all.slice(i, i + atOnce)])));
  return [...made, ...rest];
}

function decode(log: Log, block: number, at: number): KeptEvent | null {
  try {
    const { eventName, args } = decodeEventLog({
      abi: deals.abi as Abi,
      topics: log.topics as unknown as [Hex, ...Hex[]],
      data: log.data,
    });
    const { deal, ...rest } = (args ?? {}) as unknown as Record<string, unknown>;
    if (typeof deal !== 'string' || eventName === undefined) return null;
    const [tx, index] = [log.transactionHash, Number(log.logIndex)];
    return { ...{ tx, index, block, at, name: eventName, args: rest }, deal: deal as Hash32 };
  } catch {
    return null;
  }
}
