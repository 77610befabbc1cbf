import type { Ledger } from '../chain/ledger.ts';

/** A chain of another make that makes a block when it is told to. */
export interface Judge {
  ask(method: string, params?: readonly unknown[]): Promise<unknown>;
  /** How it calls what is not of Ethereum. */
  readonly prefix: 'anvil' | 'hardhat';
}

export interface Judged {
  readonly blocks: number;
  readonly transactions: number;
  /** The first block that the judge makes otherwise. */
  readonly differs: { readonly block: number; readonly what: string } | null;
}

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;

/** Hand the journal of a ledger to a judge, block for block, and compare what each of them makes of it. */
export async function replay(ledger: Ledger, { ask, prefix }: Judge): Promise<Judged> {
  const last = Number(ledger.block().header.number);
  let transactions = 0;
  for (let number = 1; number <= last; number += 1) {
    const { header } = ledger.block(number);
    const journal = ledger.records.txsOf(number);
    for (const { raw } of journal) await ask('eth_sendRawTransaction', [hex(raw)]);
    await ask(`${prefix}_setNextBlockBaseFeePerGas`, ['0x0']);
    await ask('evm_setNextBlockTimestamp', [Number(header.timestamp)]);
    await ask('evm_mine');
    const there = (await ask('eth_getBlockByNumber', ['latest', false])) as Record<string, string>;
    const here = {
      number: `0x${number.toString(16)}`,
      stateRoot: hex(header.stateRoot),
      receiptsRoot: hex(header.receiptTrie),
      transactionsRoot: hex(header.transactionsTrie),
      gasUsed: `0x${header.gasUsed.toString(16)}`,
    };
    for (const [what, value] of Object.entries(here))
      if (there[what] !== value) return { blocks: number - 1, transactions, differs: { block: number, what } };
    transactions += journal.length;
  }
  return { blocks: last, transactions, differs: null };
}
