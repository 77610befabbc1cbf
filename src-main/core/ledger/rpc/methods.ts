import { createAddressFromString } from '@ethereumjs/util';
import { blockFromHeader } from '../chain/execution.ts';
import type { Ledger } from '../chain/ledger.ts';
import { blockGas } from '../chain/rules.ts';
import { blockNamed, findBlock, logFilter } from './blocks.ts';
import { badParam, RpcFailure, resourceNotFound, transactionRejected } from './failure.ts';
import { type Filters, logsOf } from './filters.ts';
import { bytesOf, data, quantity, smallNumberOf } from './hex.ts';
import { call, estimate, type Moment } from './look.ts';
import { proofOf, slotOf } from './proof.ts';
import { rawBlock, rawReceipts } from './raw.ts';
import { showBlock, showReceipt, showTx } from './show.ts';

type Params = readonly unknown[];
type Method = (params: Params) => unknown;

/** Blocks that one question for their fees may span. */
const mostFees = 1_024;

/**
 * What a ledger answers, by method of https://ethereum.github.io/execution-apis. It signs nothing and has no accounts: what comes in is
 * signed already. Methods with which test chains change time or state are not here.
 */
export function methodsOf(
  ledger: Ledger,
  filters: Filters,
  version: string,
  now: () => number,
): ReadonlyMap<string, Method> {
  const { records } = ledger;
  const address = (value: unknown) => createAddressFromString(data(bytesOf(value, 'the address', 20)));
  const stateAt = async (named: unknown) => (await ledger.machine(blockNamed(ledger, named).number)).stateManager;
  const momentOf = (named: unknown): Moment => {
    const row = blockNamed(ledger, named);
    return named === undefined || named === 'latest' || named === 'pending'
      ? { row, at: Math.floor(now() / 1_000) }
      : { row };
  };
  const txAt = (block: unknown, position: unknown) => {
    const row = findBlock(ledger, block);
    const tx = row === null ? undefined : records.txsOf(row.number)[smallNumberOf(position, 'the position')];
    return row === null || tx === undefined ? null : showTx(ledger, row, tx);
  };
  const found = <T>(
    hash: unknown,
    show: (block: NonNullable<ReturnType<typeof findBlock>>, tx: NonNullable<ReturnType<typeof records.tx>>) => T,
  ) => {
    const tx = records.tx(bytesOf(hash, 'the hash', 32));
    const block = tx === undefined ? undefined : records.byNumber(tx.block);
    return tx === undefined || block === undefined ? null : show(block, tx);
  };
  const count = (block: unknown) => {
    const row = findBlock(ledger, block);
    return row === null ? null : quantity(records.txsOf(row.number).length);
  };
  const whole = (row: ReturnType<typeof findBlock>, transactions: unknown) =>
    row === null ? null : showBlock(ledger, row, transactions === true);

  const methods: Record<string, Method> = {
    web3_clientVersion: () => version,
    net_version: () => String(ledger.chainId),
    net_listening: () => false,
    net_peerCount: () => '0x0',
    eth_chainId: () => quantity(ledger.chainId),
    eth_syncing: () => false,
    eth_accounts: () => [],
    eth_mining: () => false,
    eth_blockNumber: () => quantity(records.newest()?.number ?? 0),
    eth_getBlockByNumber: ([named, transactions]) => whole(findBlock(ledger, named), transactions),
    eth_getBlockByHash: ([hash, transactions]) =>
      whole(records.byHash(bytesOf(hash, 'the hash', 32)) ?? null, transactions),
    eth_getBlockTransactionCountByNumber: ([named]) => count(named),
    eth_getBlockTransactionCountByHash: ([blockHash]) => count({ blockHash }),
    eth_getUncleCountByBlockNumber: () => '0x0',
    eth_getUncleCountByBlockHash: () => '0x0',
    eth_getTransactionByHash: ([hash]) => found(hash, (block, tx) => showTx(ledger, block, tx)),
    eth_getTransactionByBlockNumberAndIndex: ([named, position]) => txAt(named, position),
    eth_getTransactionByBlockHashAndIndex: ([blockHash, position]) => txAt({ blockHash }, position),
    eth_getTransactionReceipt: ([hash]) => found(hash, (block, tx) => showReceipt(ledger, block, tx)),
    eth_getBlockReceipts: ([named]) => {
      const row = findBlock(ledger, named);
      return row === null ? null : records.txsOf(row.number).map((tx) => showReceipt(ledger, row, tx));
    },
    eth_sendRawTransaction: async ([raw]) => {
      try {
        return data(await ledger.submit(bytesOf(raw, 'the transaction')));
      } catch (error) {
        if (error instanceof RpcFailure) throw error;
        const { why } = ((error as { data?: { why?: string } }).data ?? {}) as { why?: string };
        throw new RpcFailure(transactionRejected, why ?? (error as Error).message);
      }
    },
    eth_call: ([wanted, named]) => call(ledger, momentOf(named), wanted),
    eth_estimateGas: async ([wanted, named]) => quantity(await estimate(ledger, momentOf(named), wanted)),
    eth_gasPrice: () => '0x0',
    eth_maxPriorityFeePerGas: () => '0x0',
    eth_blobBaseFee: () => '0x1',
    eth_feeHistory: ([blocks, newest, percentiles]) => feeHistory(ledger, blocks, newest, percentiles),
    eth_getBalance: async ([who, named]) =>
      quantity((await (await stateAt(named)).getAccount(address(who)))?.balance ?? 0n),
    eth_getTransactionCount: async ([who, named]) =>
      quantity((await (await stateAt(named)).getAccount(address(who)))?.nonce ?? 0n),
    eth_getCode: async ([who, named]) => data(await (await stateAt(named)).getCode(address(who))),
    eth_getStorageAt: async ([who, slot, named]) => {
      const value = await (await stateAt(named)).getStorage(address(who), slotOf(slot));
      return `0x${Buffer.from(value).toString('hex').padStart(64, '0')}`;
    },
    eth_getProof: ([who, slots, named]) => proofOf(ledger, who, slots, named),
    debug_getRawHeader: ([named]) => data(blockNamed(ledger, named).header),
    debug_getRawBlock: ([named]) => rawBlock(ledger, blockNamed(ledger, named)),
    debug_getRawReceipts: ([named]) => rawReceipts(ledger, blockNamed(ledger, named)),
    debug_dbGet: async ([hash]) => {
      const found = await ledger.node(bytesOf(hash, 'the hash', 32));
      if (found === null) throw new RpcFailure(resourceNotFound, 'Nothing here has that hash.');
      return data(found);
    },
    eth_getLogs: ([wanted]) => logsOf(ledger, logFilter(ledger, wanted)),
    eth_newBlockFilter: () => filters.addBlocks(),
    eth_newFilter: ([wanted]) => {
      const open = ((wanted ?? {}) as { toBlock?: unknown }).toBlock;
      const filter = logFilter(ledger, wanted);
      const endless = open === undefined || open === 'latest' || open === 'pending';
      return filters.addLogs(endless ? { ...filter, to: Number.MAX_SAFE_INTEGER } : filter);
    },
    eth_getFilterChanges: ([id]) => filters.changes(id),
    eth_getFilterLogs: ([id]) => {
      const wanted = filters.wanted(id);
      if (wanted === null) throw badParam('that is a filter of blocks');
      return logsOf(ledger, wanted);
    },
    eth_uninstallFilter: ([id]) => filters.remove(id),
  };
  return new Map(Object.entries(methods));
}

function feeHistory(ledger: Ledger, blocks: unknown, named: unknown, percentiles: unknown): object {
  const newest = blockNamed(ledger, named).number;
  const wanted = Math.min(smallNumberOf(blocks, 'the number of blocks'), mostFees, newest + 1);
  const rows = Array.from({ length: wanted }, (_, i) => ledger.records.byNumber(newest - wanted + 1 + i)).filter(
    (row) => row !== undefined,
  );
  const used = rows.map(
    ({ header }) => Number(blockFromHeader(ledger.rules, header).header.gasUsed) / Number(blockGas),
  );
  const points = Array.isArray(percentiles) ? percentiles.slice(0, 100) : null;
  return {
    oldestBlock: quantity(newest - rows.length + 1),
    // One more than blocks: that of the block to come.
    baseFeePerGas: Array.from({ length: rows.length + 1 }, () => '0x0'),
    gasUsedRatio: used,
    ...(points === null ? {} : { reward: rows.map(() => points.map(() => '0x0')) }),
  };
}
