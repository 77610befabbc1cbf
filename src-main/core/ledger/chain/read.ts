import type { DatabaseSync } from 'node:sqlite';
import { rulesOf } from '#core/evm/own-rules.ts';
import { blockFromHeader } from './execution.ts';
import type { Ledger } from './ledger.ts';
import { createRecords } from './records.ts';

/** What is there of a ledger, to read: of one that another thread runs, or of a copy. */
export type ReadLedger = Pick<Ledger, 'chainId' | 'rules' | 'records' | 'block'>;

/** @throws an Error for a database that is no ledger */
export function readLedger(db: DatabaseSync): ReadLedger {
  const records = createRecords({ db });
  const chainId = Buffer.from(records.about('chain') ?? []).readBigUInt64BE();
  const rules = rulesOf(chainId);
  return {
    ...{ chainId, rules, records },
    block(number) {
      const row = number === undefined ? records.newest() : records.byNumber(number);
      if (row === undefined) throw new Error(`the ledger has no block ${number}`);
      return blockFromHeader(rules, row.header);
    },
  };
}
