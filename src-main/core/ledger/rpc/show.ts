import { createTxFromRLP } from '@ethereumjs/tx';
import { blockFromHeader } from '../chain/execution.ts';
import type { Ledger } from '../chain/ledger.ts';
import type { BlockRow, LogRow, Records, TxRow } from '../chain/records.ts';
import { data, quantity } from './hex.ts';

/* What is kept, as JSON-RPC shows it. */

/** Where a block's transactions and their logs are, wherever they came from. */
export interface Shown {
  readonly rules: Ledger['rules'];
  readonly records: Pick<Records, 'txsOf' | 'logsOf'>;
}

/** @param whole transactions whole, or their hashes */
export function showBlock(ledger: Shown, row: BlockRow, whole: boolean): object {
  const { header } = blockFromHeader(ledger.rules, row.header);
  const txs = ledger.records.txsOf(row.number);
  const size = txs.reduce((sum, { raw }) => sum + raw.length, row.header.length);
  return {
    number: quantity(row.number),
    hash: data(row.hash),
    parentHash: data(header.parentHash),
    nonce: data(header.nonce),
    mixHash: data(header.mixHash),
    sha3Uncles: data(header.uncleHash),
    logsBloom: data(header.logsBloom),
    transactionsRoot: data(header.transactionsTrie),
    stateRoot: data(header.stateRoot),
    receiptsRoot: data(header.receiptTrie),
    withdrawalsRoot: header.withdrawalsRoot === undefined ? undefined : data(header.withdrawalsRoot),
    withdrawals: [],
    miner: header.coinbase.toString(),
    difficulty: '0x0',
    totalDifficulty: '0x0',
    extraData: data(header.extraData),
    size: quantity(size),
    gasLimit: quantity(header.gasLimit),
    gasUsed: quantity(header.gasUsed),
    baseFeePerGas: quantity(header.baseFeePerGas ?? 0n),
    timestamp: quantity(header.timestamp),
    uncles: [],
    transactions: whole ? txs.map((tx) => showTx(ledger, row, tx)) : txs.map(({ hash }) => data(hash)),
  };
}

export function showTx(ledger: Shown, block: BlockRow, row: TxRow): object {
  const tx = createTxFromRLP(row.raw, { common: ledger.rules });
  return {
    ...tx.toJSON(),
    type: quantity(tx.type),
    hash: data(row.hash),
    blockHash: data(block.hash),
    blockNumber: quantity(block.number),
    transactionIndex: quantity(row.position),
    from: data(row.sender),
    to: row.receiver === null ? null : data(row.receiver),
    gas: quantity(tx.gasLimit),
    gasPrice: quantity(BigInt(row.price)),
    input: data(tx.data),
  };
}

export function showReceipt(ledger: Shown, block: BlockRow, row: TxRow): object {
  return {
    type: quantity(createTxFromRLP(row.raw, { common: ledger.rules }).type),
    transactionHash: data(row.hash),
    transactionIndex: quantity(row.position),
    blockHash: data(block.hash),
    blockNumber: quantity(block.number),
    from: data(row.sender),
    to: row.receiver === null ? null : data(row.receiver),
    contractAddress: row.created === null ? null : data(row.created),
    status: quantity(row.status),
    gasUsed: quantity(row.gas),
    cumulativeGasUsed: quantity(row.gas_so_far),
    effectiveGasPrice: quantity(BigInt(row.price)),
    logsBloom: data(row.bloom),
    logs: ledger.records.logsOf(row).map(showLog),
  };
}

export const showLog = (log: LogRow): object => ({
  removed: false,
  logIndex: quantity(log.number),
  transactionIndex: quantity(log.position),
  transactionHash: data(log.tx),
  blockHash: data(log.block_hash),
  blockNumber: quantity(log.block),
  address: data(log.address),
  topics: [log.topic0, log.topic1, log.topic2, log.topic3].filter((topic) => topic !== null).map(data),
  data: data(log.data),
});
