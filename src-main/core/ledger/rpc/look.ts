import { type Block, createBlock } from '@ethereumjs/block';
import { createTx, type TypedTransaction } from '@ethereumjs/tx';
import { createAddressFromString, EthereumJSError } from '@ethereumjs/util';
import { type RunTxResult, runTx, type VM } from '@ethereumjs/vm';
import { decodeErrorResult, type Hex } from 'viem';
import { blockFromHeader } from '../chain/execution.ts';
import type { Ledger } from '../chain/ledger.ts';
import type { BlockRow } from '../chain/records.ts';
import { blockGas } from '../chain/rules.ts';
import { invalidCall, RpcFailure, reverted } from './failure.ts';
import { bytesOf, data, numberOf, objectOf } from './hex.ts';

/** What it takes to try something: the state of a ledger, wherever its parts come from. */
export type Tried = Pick<Ledger, 'machine' | 'rules' | 'chainId'>;

interface Wanted {
  readonly from: string;
  readonly to: Uint8Array | null;
  readonly data: Uint8Array;
  readonly value: bigint;
  readonly gas: bigint;
}

/** @throws RpcFailure */
function wantedOf(value: unknown): Wanted {
  const call = objectOf(value, 'the call');
  const input = call.input ?? call.data;
  const gas = call.gas === undefined ? blockGas : numberOf(call.gas, 'gas');
  return {
    from: data(call.from === undefined ? new Uint8Array(20) : bytesOf(call.from, 'from', 20)),
    to: call.to === undefined || call.to === null ? null : bytesOf(call.to, 'to', 20),
    data: input === undefined ? new Uint8Array(0) : bytesOf(input, 'data'),
    value: call.value === undefined ? 0n : numberOf(call.value, 'value'),
    gas: gas < blockGas ? gas : blockGas,
  };
}

/** After which block something is tried, and when. */
export interface Moment {
  readonly row: BlockRow;
  /**
   * Seconds since 1970; left out for the block's own time. A ledger at rest makes no blocks: what is asked of the newest state is asked of
   * now, as on a chain whose blocks never cease. Else what a contract allows only later would seem refused for as long as nobody sends.
   */
  readonly at?: number | undefined;
}

/** Run it as the next transaction after a block, with whatever nonce and coin its sender has; nothing of it stays. */
async function attempt(ledger: Tried, moment: Moment, wanted: Wanted, gas: bigint): Promise<RunTxResult> {
  const machine = await ledger.machine(moment.row.number);
  try {
    return await run(ledger, machine, blockOf(ledger, moment), wanted, gas);
  } catch (error) {
    // No transaction at all: too little gas to begin, too much code.
    if (error instanceof EthereumJSError)
      throw new RpcFailure(invalidCall, error.message.replace(/\s*\(vm hf.*$/s, ''));
    throw error;
  }
}

function blockOf(ledger: Tried, { row, at }: Moment): Block {
  const block = blockFromHeader(ledger.rules, row.header);
  const { header } = block;
  if (at === undefined || BigInt(at) <= header.timestamp) return block;
  return createBlock({ header: { ...header, timestamp: BigInt(at) } }, { common: ledger.rules });
}

async function run(ledger: Tried, machine: VM, block: Block, wanted: Wanted, gas: bigint): Promise<RunTxResult> {
  const common = ledger.rules;
  const fields = { type: 2, to: wanted.to ?? undefined, data: wanted.data, value: wanted.value, gasLimit: gas };
  const tx: TypedTransaction = createTx(
    { ...fields, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n, chainId: ledger.chainId },
    { common, freeze: false },
  );
  const sender = createAddressFromString(wanted.from);
  tx.getSenderAddress = () => sender;
  return runTx(machine, { tx, block, skipNonce: true, skipBalance: true, skipBlockGasLimitValidation: true });
}

/** What a call gives back. @throws RpcFailure with what the contract refused it with */
export async function call(ledger: Tried, moment: Moment, value: unknown): Promise<string> {
  const wanted = wantedOf(value);
  const { execResult } = await attempt(ledger, moment, wanted, wanted.gas);
  if (execResult.exceptionError !== undefined) throw refusal(execResult.exceptionError.error, execResult.returnValue);
  return data(execResult.returnValue);
}

/** The least gas it is done with: what it used is not enough where it hands 63 of 64 parts on (EIP-150). @throws RpcFailure as {@link call} */
export async function estimate(ledger: Tried, moment: Moment, value: unknown): Promise<bigint> {
  const wanted = wantedOf(value);
  const works = async (gas: bigint): Promise<RunTxResult | null> => {
    const result = await attempt(ledger, moment, wanted, gas).catch((error: unknown) => {
      // Too little to begin with; anything else says nothing about the gas.
      if (error instanceof RpcFailure) return null;
      throw error;
    });
    return result !== null && result.execResult.exceptionError === undefined ? result : null;
  };
  const whole = await works(wanted.gas);
  if (whole === null) {
    await call(ledger, moment, value);
    throw new RpcFailure(reverted, 'It cannot be done with that gas.');
  }
  let [low, high] = [whole.totalGasSpent - 1n, wanted.gas];
  // Nearly always what it used is enough, or a 64th more of it.
  for (const guess of [whole.totalGasSpent, whole.totalGasSpent + whole.totalGasSpent / 50n]) {
    if (guess >= high) break;
    if ((await works(guess)) !== null) {
      high = guess;
      break;
    }
    low = guess;
  }
  while (high - low > 1n + high / 100n) {
    const middle = (low + high) / 2n;
    if ((await works(middle)) === null) low = middle;
    else high = middle;
  }
  return high;
}

function refusal(error: string, returned: Uint8Array): RpcFailure {
  return new RpcFailure(
    reverted,
    returned.length === 0 ? `execution reverted: ${error}` : `execution reverted${reason(returned)}`,
    data(returned),
  );
}

/** The text of `revert("...")`; of an error of a contract's own only it knows the name. */
function reason(returned: Uint8Array): string {
  try {
    const { errorName, args } = decodeErrorResult({ data: data(returned) as Hex });
    return errorName === 'Error' ? `: ${String(args?.[0])}` : `: ${errorName}(${String(args?.[0])})`;
  } catch {
    return '';
  }
}
