import { createTxFromRLP } from '@ethereumjs/tx';
import type { Logger } from '#core/host.ts';
import { openDatabase } from '#core/store/database.ts';
import { blockFromHeader, machineAt } from './execution.ts';
import { createNodeStore } from './node-store.ts';
import type { ReadLedger } from './read.ts';
import { ledgerMigrations } from './schema.ts';
import { seal } from './sealer.ts';

export interface Verified {
  readonly blocks: number;
  readonly transactions: number;
  /** The first block that is not what its transactions make of the one before; null when all are. */
  readonly wrong: { readonly block: number; readonly why: string } | null;
}

/**
 * Execute everything again from the first block on, in a machine of its own with nothing on the disk, and compare each block's hash:
 * it covers the state, the receipts, the logs and the transactions.
 */
export async function verifyLedger(
  ledger: ReadLedger,
  log: Logger,
  signal?: AbortSignal,
  progress: (done: number, total: number) => void = () => {},
): Promise<Verified> {
  const { rules, records } = ledger;
  const scratch = openDatabase({ path: ':memory:', migrations: ledgerMigrations, log });
  try {
    const nodes = createNodeStore(scratch);
    let parent = ledger.block(0);
    let blocks = 1;
    let transactions = 0;
    const hashOf = (number: number) => records.byNumber(number)?.hash ?? null;
    const machine = await machineAt(rules, nodes, parent.header.stateRoot, hashOf);
    const last = Number(ledger.block().header.number);
    for (let number = 1; number <= last; number += 1) {
      signal?.throwIfAborted();
      const row = records.byNumber(number);
      const wrong = (why: string): Verified => ({ blocks, transactions, wrong: { block: number, why } });
      if (row === undefined) return wrong('it is missing');
      const { header } = blockFromHeader(rules, row.header);
      const wanted = records.txsOf(number).map(({ raw }) => createTxFromRLP(raw, { common: rules }));
      const moment = {
        timestamp: Number(header.timestamp),
        random: header.mixHash,
        coinbase: header.coinbase.bytes,
      };
      const again = await seal(machine, rules, parent, wanted, moment);
      if (again.refused[0] !== undefined) return wrong(`a transaction cannot be in it: ${again.refused[0].why}`);
      if (!Buffer.from(again.block.hash()).equals(row.hash)) {
        const state = Buffer.from(again.block.header.stateRoot).equals(header.stateRoot);
        return wrong(
          state ? 'its header is not what its transactions make' : 'its state is not what its transactions make',
        );
      }
      scratch.transaction(() => nodes.flush());
      nodes.forget();
      parent = again.block;
      blocks += 1;
      transactions += wanted.length;
      progress(number, last);
    }
    return { blocks, transactions, wrong: null };
  } finally {
    scratch.close();
  }
}
