import { createBlock } from '@ethereumjs/block';
import { createTxFromRLP } from '@ethereumjs/tx';
import { encodeReceipt } from '@ethereumjs/vm';
import { blockFromHeader } from '../chain/execution.ts';
import type { Ledger } from '../chain/ledger.ts';
import type { BlockRow } from '../chain/records.ts';
import { data } from './hex.ts';

/* Blocks as they are hashed, with which whoever knows a block's hash checks everything in it. */

/** The block whole: its header, and its transactions as they were signed. */
export function rawBlock({ rules, records }: Ledger, row: BlockRow): string {
  const transactions = records.txsOf(row.number).map(({ raw }) => createTxFromRLP(raw, { common: rules }));
  const { header } = blockFromHeader(rules, row.header);
  return data(createBlock({ header, transactions, withdrawals: [] }, { common: rules }).serialize());
}

/** Its receipts, as the root of the receipts in its header has them. */
export function rawReceipts({ rules, records }: Ledger, row: BlockRow): string[] {
  return records.txsOf(row.number).map((tx) => {
    const logs = records.logsOf(tx).map((log): [Uint8Array, Uint8Array[], Uint8Array] => {
      const topics = [log.topic0, log.topic1, log.topic2, log.topic3].filter((topic) => topic !== null);
      return [log.address, topics, log.data];
    });
    const status = tx.status === 1 ? 1 : 0;
    const receipt = { status, cumulativeBlockGasUsed: BigInt(tx.gas_so_far), bitvector: tx.bloom, logs } as const;
    return data(encodeReceipt(receipt, createTxFromRLP(tx.raw, { common: rules }).type));
  });
}
