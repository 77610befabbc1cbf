import type { Ledger } from '../chain/ledger.ts';
import type { LogFilter } from '../chain/records.ts';
import { limitExceeded, RpcFailure, resourceNotFound } from './failure.ts';
import { data } from './hex.ts';
import { showLog } from './show.ts';

/** A client that asks no more for so long has forgotten its filter. */
const keptMs = 5 * 60_000;
const mostFilters = 100;
/** Logs in one answer. */
export const mostLogs = 10_000;

type Filter = { kind: 'blocks' | 'logs'; next: number; wanted: LogFilter | null; asked: number };

/** Filters of one connection: what came since they were asked last. */
export function createFilters(ledger: Ledger, now: () => number) {
  const filters = new Map<string, Filter>();
  let last = 0;

  const add = (kind: Filter['kind'], wanted: LogFilter | null): string => {
    for (const [id, { asked }] of filters) if (now() - asked > keptMs) filters.delete(id);
    if (filters.size >= mostFilters) throw new RpcFailure(limitExceeded, `At most ${mostFilters} filters at one time.`);
    const id = `0x${(++last).toString(16)}`;
    filters.set(id, { kind, wanted, next: (ledger.records.newest()?.number ?? 0) + 1, asked: now() });
    return id;
  };
  const find = (id: unknown): Filter => {
    const one = filters.get(id as string);
    if (one === undefined)
      throw new RpcFailure(resourceNotFound, 'There is no such filter, or nobody asked it for five minutes.');
    one.asked = now();
    return one;
  };
  return {
    addBlocks: () => add('blocks', null),
    addLogs: (wanted: LogFilter) => add('logs', wanted),
    remove: (id: unknown) => filters.delete(id as string),
    wanted: (id: unknown) => find(id).wanted,
    changes(id: unknown): readonly unknown[] {
      const one = find(id);
      const newest = ledger.records.newest()?.number ?? 0;
      const from = one.next;
      one.next = newest + 1;
      if (one.wanted !== null) {
        const { from: begin, to: end } = one.wanted;
        return logsOf(ledger, { ...one.wanted, from: Math.max(from, begin), to: Math.min(newest, end) });
      }
      const hashes: string[] = [];
      for (let number = from; number <= newest; number += 1) {
        const row = ledger.records.byNumber(number);
        if (row !== undefined) hashes.push(data(row.hash));
      }
      return hashes;
    },
  };
}

export type Filters = ReturnType<typeof createFilters>;

/** @throws RpcFailure when there are more than one answer holds */
export function logsOf(ledger: Ledger, wanted: LogFilter): readonly object[] {
  const found = ledger.records.logs(wanted, mostLogs + 1);
  if (found.length > mostLogs) throw new RpcFailure(limitExceeded, `More than ${mostLogs} logs: ask for fewer blocks.`);
  return found.map(showLog);
}
