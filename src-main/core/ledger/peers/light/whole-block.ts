import { createBlockFromRLP } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import { MerklePatriciaTrie } from '@ethereumjs/mpt';
import type { TypedTransaction } from '@ethereumjs/tx';
import { generateAddress } from '@ethereumjs/util';
import { bytesToBigInt, fromRlp, hexToBytes, numberToHex, toRlp } from 'viem';
import { equalBytes } from '#core/crypto/equal.ts';
import type { BlockRow, LogRow, TxRow } from '../../chain/records.ts';
import type { Shown } from '../../rpc/show.ts';
import { bytesSaid, type Source, WrongAnswer } from './source.ts';

/** A block with its transactions and what came of them, all of it under the hash of its header. */
export interface WholeBlock extends Shown {
  readonly row: BlockRow;
  readonly txs: readonly TxRow[];
  readonly logs: readonly LogRow[];
}

/** @throws WrongAnswer for anything that does not hash to what the header says, and what the source does */
export async function fetchWhole(source: Source, rules: Common, row: BlockRow): Promise<WholeBlock> {
  const named = [`0x${row.number.toString(16)}`];
  const [block, receipts] = await Promise.all([
    source.ask('debug_getRawBlock', named).then(bytesSaid),
    source.ask('debug_getRawReceipts', named),
  ]);
  const { transactions, receiptsRoot } = await openBlock(rules, row, block);
  if (!Array.isArray(receipts) || receipts.length !== transactions.length)
    throw new WrongAnswer('receipts of another block');
  const encoded = receipts.map(bytesSaid);
  await checkRoot(encoded, receiptsRoot);

  const txs: TxRow[] = [];
  const logs: LogRow[] = [];
  let gasSoFar = 0;
  for (const [position, tx] of transactions.entries()) {
    const receipt = readReceipt(encoded[position] ?? new Uint8Array());
    const hash = tx.hash();
    const sender = tx.getSenderAddress().bytes;
    txs.push({
      ...{ hash, block: row.number, position, raw: tx.serialize(), sender },
      receiver: tx.to?.bytes ?? null,
      created: tx.to === undefined ? generateAddress(sender, numberBytes(tx.nonce)) : null,
      ...{ status: receipt.status, gas: receipt.gas - gasSoFar, gas_so_far: receipt.gas },
      ...{ price: String(priceOf(tx)), bloom: receipt.bloom, reason: null },
    });
    gasSoFar = receipt.gas;
    for (const { address, topics, data } of receipt.logs) {
      const topic = (i: number) => topics[i] ?? null;
      logs.push({
        ...{ block: row.number, number: logs.length, tx: hash, position, block_hash: row.hash, address, data },
        ...{ topic0: topic(0), topic1: topic(1), topic2: topic(2), topic3: topic(3) },
      });
    }
  }
  const logsOf = ({ position }: TxRow) => logs.filter((log) => log.position === position);
  return { row, rules, txs, logs, records: { txsOf: () => [...txs], logsOf } };
}

async function openBlock(rules: Common, row: BlockRow, bytes: Uint8Array) {
  try {
    const block = createBlockFromRLP(bytes, { common: rules });
    if (!equalBytes(block.hash(), row.hash) || !(await block.transactionsTrieIsValid()))
      throw new WrongAnswer('another block');
    return { transactions: block.transactions, receiptsRoot: block.header.receiptTrie };
  } catch (error) {
    if (error instanceof WrongAnswer) throw error;
    throw new WrongAnswer(`a block that is none (${(error as Error).message})`);
  }
}

/** @throws WrongAnswer */
async function checkRoot(encoded: readonly Uint8Array[], root: Uint8Array): Promise<void> {
  const trie = new MerklePatriciaTrie();
  for (const [i, receipt] of encoded.entries()) {
    await trie.put(hexToBytes(toRlp(i === 0 ? '0x' : numberToHex(i, { size: i < 256 ? 1 : 2 }))), receipt);
  }
  if (!equalBytes(trie.root(), root)) throw new WrongAnswer('receipts of another block');
}

interface Receipt {
  readonly status: number;
  readonly gas: number;
  readonly bloom: Uint8Array;
  readonly logs: readonly {
    readonly address: Uint8Array;
    readonly topics: readonly Uint8Array[];
    readonly data: Uint8Array;
  }[];
}

/** The root has proved it to be what a ledger made; still nothing is taken that is not one. */
function readReceipt(encoded: Uint8Array): Receipt {
  try {
    // Those of transactions of other kinds than the first begin with a byte that says which (EIP-2718).
    const list = fromRlp((encoded[0] ?? 0) < 0x80 ? encoded.subarray(1) : encoded, 'bytes');
    const [status, gas, bloom, logs] = list as unknown as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      [Uint8Array, Uint8Array[], Uint8Array][],
    ];
    return {
      status: status.length,
      gas: Number(bytesToBigInt(gas)),
      bloom,
      logs: logs.map(([address, topics, data]) => ({ address, topics, data })),
    };
  } catch (error) {
    throw new WrongAnswer(`a receipt that is none (${(error as Error).message})`);
  }
}

/** On an own ledger nothing is asked for gas, so the price is what the sender offers beyond. */
function priceOf(tx: TypedTransaction): bigint {
  if ('gasPrice' in tx) return tx.gasPrice;
  return tx.maxPriorityFeePerGas < tx.maxFeePerGas ? tx.maxPriorityFeePerGas : tx.maxFeePerGas;
}

const numberBytes = (value: bigint): Uint8Array => (value === 0n ? new Uint8Array(0) : hexToBytes(numberToHex(value)));
