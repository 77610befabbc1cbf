import type { Block } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import type { TypedTransaction } from '@ethereumjs/tx';
import { buildBlock, type RunTxResult, type VM } from '@ethereumjs/vm';
import { blockGas } from './rules.ts';

/** A transaction and what came of it. */
export interface Done {
  readonly tx: TypedTransaction;
  readonly result: RunTxResult;
}

export interface Sealed {
  readonly block: Block;
  readonly done: readonly Done[];
  /** Transactions that cannot be in this block, and why. They left no trace. */
  readonly refused: readonly { readonly tx: TypedTransaction; readonly why: string }[];
}

export interface Moment {
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** 20 bytes: the operator's account. */
  readonly coinbase: Uint8Array;
}

/**
 * Run transactions one after the other on top of a block.
 *
 * @returns null when none of them can be in a block
 * @throws what the machine or the store throws; the machine is of no use then
 */
export async function seal(
  machine: VM,
  common: Common,
  parent: Block,
  wanted: readonly TypedTransaction[],
  moment: Moment,
): Promise<Sealed> {
  const builder = await buildBlock(machine, {
    parentBlock: parent,
    headerData: {
      timestamp: BigInt(moment.timestamp),
      gasLimit: blockGas,
      baseFeePerGas: 0n,
      mixHash: moment.random,
      coinbase: `0x${Buffer.from(moment.coinbase).toString('hex')}`,
    },
    blockOpts: { common, putBlockIntoBlockchain: false, freeze: false },
  });
  const done: Done[] = [];
  const refused: { tx: TypedTransaction; why: string }[] = [];
  for (const tx of wanted) {
    try {
      done.push({ tx, result: await builder.addTransaction(tx) });
    } catch (error) {
      refused.push({ tx, why: (error as Error).message });
    }
  }
  const { block } = await builder.build();
  return { block, done, refused };
}
