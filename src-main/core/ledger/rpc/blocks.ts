import type { BlockRow, LogFilter, Records } from '../chain/records.ts';
import { badParam, RpcFailure, resourceNotFound } from './failure.ts';
import { bytesOf, objectOf, smallNumberOf } from './hex.ts';

/** Where blocks are found, wherever they came from; their headers may be empty. */
export interface Findable {
  readonly records: Pick<Records, 'newest' | 'byNumber' | 'byHash'>;
}

/** What is sealed here is never taken back, so the newest block is the final one too. */
const newestNames: readonly unknown[] = [undefined, 'latest', 'pending', 'safe', 'finalized'];

/** A block by number, by one of the names that clients have for one, or by hash (EIP-1898); null for one that is not there. */
export function findBlock({ records }: Findable, named: unknown): BlockRow | null {
  if (newestNames.includes(named)) return records.newest() ?? null;
  if (named === 'earliest') return records.byNumber(0) ?? null;
  if (typeof named === 'object' && named !== null) {
    const { blockHash, blockNumber } = objectOf(named, 'the block');
    if (blockHash !== undefined) return records.byHash(bytesOf(blockHash, 'the hash of the block', 32)) ?? null;
    return records.byNumber(smallNumberOf(blockNumber, 'the number of the block')) ?? null;
  }
  return records.byNumber(smallNumberOf(named, 'the number of the block')) ?? null;
}

/** @throws RpcFailure for one that is not there */
export function blockNamed(ledger: Findable, named: unknown): BlockRow {
  const found = findBlock(ledger, named);
  if (found === null) throw new RpcFailure(resourceNotFound, 'There is no such block.');
  return found;
}

const mostWanted = 64;

/** @throws RpcFailure */
export function logFilter(ledger: Findable, value: unknown): LogFilter {
  const { fromBlock, toBlock, blockHash, address, topics } = objectOf(value ?? {}, 'the filter');
  const list = (one: unknown): unknown[] => {
    const many = one === undefined || one === null ? [] : Array.isArray(one) ? one : [one];
    if (many.length > mostWanted) throw badParam(`at most ${mostWanted} addresses or topics at one place`);
    return many;
  };
  if (topics !== undefined && (!Array.isArray(topics) || topics.length > 4))
    throw badParam('topics is not a list of at most four');
  const wanted = {
    addresses: list(address).map((one) => bytesOf(one, 'an address', 20)),
    topics: (topics ?? []).map((one: unknown) => list(one).map((each) => bytesOf(each, 'a topic', 32))),
  };
  if (blockHash !== undefined) {
    const { number } = blockNamed(ledger, { blockHash });
    return { ...wanted, from: number, to: number };
  }
  const newest = ledger.records.newest()?.number ?? 0;
  // A block to come has no logs yet; its number is as good as any.
  const end = (named: unknown) =>
    typeof named === 'string' && named.startsWith('0x')
      ? Math.min(smallNumberOf(named, 'the number of the block'), newest + 1)
      : blockNamed(ledger, named).number;
  return { ...wanted, from: end(fromBlock), to: end(toBlock) };
}
