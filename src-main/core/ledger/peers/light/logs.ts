import { Bloom } from '@ethereumjs/vm';
import { equalBytes } from '#core/crypto/equal.ts';
import type { LogFilter, LogRow } from '../../chain/records.ts';
import { limitExceeded, RpcFailure } from '../../rpc/failure.ts';
import { mostLogs } from '../../rpc/filters.ts';
import { headerFrom } from './follow.ts';
import type { LightLedger } from './light-ledger.ts';

/** Blocks of one question. */
const mostBlocks = 10_000;
const headersAtOnce = 500;
const blocksAtOnce = 16;

/**
 * All logs that a filter means, and none left out: the filter in each header tells which blocks may have some, and those are looked
 * through whole.
 *
 * @throws RpcFailure for more than one answer holds
 */
export async function lightLogs(ledger: LightLedger, wanted: LogFilter): Promise<LogRow[]> {
  const to = Math.min(wanted.to, ledger.blocks.newest()?.number ?? 0);
  if (to - wanted.from >= mostBlocks) {
    throw new RpcFailure(limitExceeded, `More than ${mostBlocks} blocks: ask for fewer.`);
  }
  const found: LogRow[] = [];
  for (let from = wanted.from; from <= to; from += headersAtOnce) {
    const numbers = Array.from({ length: Math.min(headersAtOnce, to - from + 1) }, (_, i) => from + i);
    const rows = await ledger.rows(numbers);
    const likely = rows.filter(({ header }) => mayHold(headerFrom(ledger.rules, header).logsBloom, wanted));
    for (let at = 0; at < likely.length; at += blocksAtOnce) {
      const blocks = await Promise.all(likely.slice(at, at + blocksAtOnce).map(({ number }) => ledger.whole(number)));
      for (const { logs } of blocks) found.push(...logs.filter((log) => fits(log, wanted)));
      if (found.length > mostLogs) {
        throw new RpcFailure(limitExceeded, `More than ${mostLogs} logs: ask for fewer blocks.`);
      }
    }
  }
  return found;
}

function mayHold(bits: Uint8Array, { addresses, topics }: LogFilter): boolean {
  const bloom = new Bloom(Uint8Array.from(bits));
  return [addresses, ...topics].every(
    (any) => any.length === 0 || any.some((one) => bloom.check(Uint8Array.from(one))),
  );
}

function fits(log: LogRow, { addresses, topics }: LogFilter): boolean {
  const there = [log.topic0, log.topic1, log.topic2, log.topic3];
  const isOneOf = (value: Uint8Array | null | undefined, any: readonly Uint8Array[]) =>
    any.length === 0 || (value !== null && value !== undefined && any.some((one) => equalBytes(one, value)));
  return isOneOf(log.address, addresses) && topics.every((any, i) => isOneOf(there[i], any));
}
