import { createAddressFromString } from '@ethereumjs/util';
import { equalBytes } from '#core/crypto/equal.ts';
import type { BlockRow, TxRow } from '../../chain/records.ts';
import { blockNamed, findBlock, logFilter } from '../../rpc/blocks.ts';
import { RpcFailure, unknownMethod } from '../../rpc/failure.ts';
import { bytesOf, data, quantity, smallNumberOf } from '../../rpc/hex.ts';
import { call, estimate, type Moment } from '../../rpc/look.ts';
import { proofOf, slotOf } from '../../rpc/proof.ts';
import { showBlock, showLog, showReceipt, showTx } from '../../rpc/show.ts';
import { hashOf } from './follow.ts';
import type { LightLedger } from './light-ledger.ts';
import { lightLogs } from './logs.ts';
import { type Source, WrongAnswer } from './source.ts';
import type { WholeBlock } from './whole-block.ts';

type Params = readonly unknown[];

export interface Answers {
  /** @throws RpcFailure as a ledger's own JSON-RPC, WrongAnswer, and what the source does */
  answer(method: string, params: Params): Promise<unknown>;
}

/**
 * The questions of Ethereum's JSON-RPC, answered of a contact's ledger by what was checked. Only two things are believed: that a transaction which
 * the operator does not find is not there, and that the newest block they signed for is their newest.
 *
 * @param now milliseconds since 1970
 * @param refresh take up what the operator signed since
 */
export function createAnswers(
  ledger: LightLedger,
  source: Source,
  now: () => number,
  refresh: () => Promise<void>,
): Answers {
  const stateAt = async (named: unknown) => (await ledger.machine(blockNamed(ledger, named).number)).stateManager;
  const account = async (who: unknown, named: unknown) =>
    (await stateAt(named)).getAccount(createAddressFromString(data(bytesOf(who, 'the address', 20))));
  const momentOf = async (named: unknown): Promise<Moment> => {
    const row = await ledger.row(blockNamed(ledger, named).number);
    const isNow = named === undefined || named === 'latest' || named === 'pending';
    return isNow ? { row, at: Math.floor(now() / 1_000) } : { row };
  };
  const whole = async (found: BlockRow | null): Promise<WholeBlock | null> =>
    found === null ? null : ledger.whole(found.number);
  /** The operator says in which block it is; whether it is there is seen in the block. */
  const find = async (hash: Uint8Array): Promise<{ block: WholeBlock; tx: TxRow } | null> => {
    const hint = (await source.ask('eth_getTransactionByHash', [data(hash)])) as { blockNumber?: unknown } | null;
    if (hint === null) return null;
    const number = smallNumberOf(hint.blockNumber, 'the number of the block');
    if (ledger.blocks.byNumber(number) === undefined) return null;
    const block = await ledger.whole(number);
    const tx = block.txs.find((one) => equalBytes(one.hash, hash));
    if (tx === undefined) throw new WrongAnswer('a transaction in a block that it is not in');
    return { block, tx };
  };
  const found = async (hash: unknown, show: (block: WholeBlock, tx: TxRow) => object) => {
    const there = await find(bytesOf(hash, 'the hash', 32));
    return there === null ? null : show(there.block, there.tx);
  };
  const txAt = async (named: unknown, position: unknown) => {
    const block = await whole(findBlock(ledger, named));
    const tx = block?.txs[smallNumberOf(position, 'the position')];
    return block === null || tx === undefined ? null : showTx(block, block.row, tx);
  };
  const shown = async (row: BlockRow | null, transactions: unknown) => {
    const block = await whole(row);
    return block === null ? null : showBlock(block, block.row, transactions === true);
  };

  const send = async (raw: unknown): Promise<string> => {
    const hash = hashOf(bytesOf(raw, 'the transaction'));
    const answered = await source.ask('eth_sendRawTransaction', [raw]);
    if (answered !== data(hash)) throw new WrongAnswer('another transaction than the one that was sent');
    // It was taken; whether it shows in what the operator signs is seen at once, where they can be asked.
    await refresh();
    if ((await find(hash)) === null) throw new WrongAnswer('a transaction that was taken and is in no block');
    return data(hash);
  };

  const methods: Record<string, (params: Params) => unknown> = {
    net_version: () => String(ledger.chainId),
    eth_chainId: () => quantity(ledger.chainId),
    eth_syncing: () => false,
    eth_accounts: () => [],
    eth_gasPrice: () => '0x0',
    eth_maxPriorityFeePerGas: () => '0x0',
    eth_blockNumber: () => quantity(ledger.blocks.newest()?.number ?? 0),
    eth_getBlockByNumber: ([named, transactions]) => shown(findBlock(ledger, named), transactions),
    eth_getBlockByHash: ([blockHash, transactions]) => shown(findBlock(ledger, { blockHash }), transactions),
    eth_getBlockReceipts: async ([named]) => {
      const block = await whole(findBlock(ledger, named));
      return block === null ? null : block.txs.map((tx) => showReceipt(block, block.row, tx));
    },
    eth_getTransactionByHash: ([hash]) => found(hash, (block, tx) => showTx(block, block.row, tx)),
    eth_getTransactionByBlockNumberAndIndex: ([named, position]) => txAt(named, position),
    eth_getTransactionByBlockHashAndIndex: ([blockHash, position]) => txAt({ blockHash }, position),
    eth_getTransactionReceipt: ([hash]) => found(hash, (block, tx) => showReceipt(block, block.row, tx)),
    eth_sendRawTransaction: ([raw]) => send(raw),
    eth_call: async ([wanted, named]) => call(ledger, await momentOf(named), wanted),
    eth_estimateGas: async ([wanted, named]) => quantity(await estimate(ledger, await momentOf(named), wanted)),
    eth_getBalance: async ([who, named]) => quantity((await account(who, named))?.balance ?? 0n),
    eth_getTransactionCount: async ([who, named]) => quantity((await account(who, named))?.nonce ?? 0n),
    eth_getCode: async ([who, named]) => {
      const address = createAddressFromString(data(bytesOf(who, 'the address', 20)));
      return data(await (await stateAt(named)).getCode(address));
    },
    eth_getStorageAt: async ([who, slot, named]) => {
      const address = createAddressFromString(data(bytesOf(who, 'the address', 20)));
      const value = await (await stateAt(named)).getStorage(address, slotOf(slot));
      return `0x${Buffer.from(value).toString('hex').padStart(64, '0')}`;
    },
    eth_getProof: ([who, slots, named]) => proofOf(ledger, who, slots, named),
    eth_getLogs: async ([wanted]) => (await lightLogs(ledger, logFilter(ledger, wanted))).map(showLog),
  };
  const table = new Map(Object.entries(methods));
  return {
    async answer(method, params) {
      const asked = table.get(method);
      if (asked === undefined) {
        throw new RpcFailure(unknownMethod, `The method ${method.slice(0, 64)} does not exist on a contact’s ledger.`);
      }
      return asked(params);
    },
  };
}
