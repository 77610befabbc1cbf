import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem';
import { toHex } from '#core/crypto/encoding.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { OwnLedger } from '#shared/contract/ledger/own.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { chainRef, type Hash32, units } from '#shared/model/evm.ts';
import type { Own } from './own.ts';

/** Of the credits of every ledger: `Credits.decimals`. */
export const creditsDecimals = 6;

/** The own ledger as it is shown; null where there is none. */
export async function viewOwn({ register, run, source }: Own): Promise<OwnLedger | null> {
  const record = register.get();
  if (record === null) return null;
  const [now, broken, [chain]] = [run.now(), run.broken(), source.list()];
  const size = await now?.thread.call.size().catch(() => null);
  let outstanding: bigint | null = null;
  if (now !== null && chain && record.contracts !== null) {
    const data = encodeFunctionData({ abi: credits.abi as Abi, functionName: 'totalSupply' });
    const answer = await chain
      .request('eth_call', [{ to: record.contracts.credits, data }, 'latest'])
      .catch(() => null);
    if (answer !== null)
      outstanding = decodeFunctionResult({
        abi: credits.abi as Abi,
        functionName: 'totalSupply',
        data: answer as Hex,
      }) as bigint;
  }
  const { name, symbol, operator, openedAt, contracts } = record;
  return {
    ...{ name, symbol, operator, openedAt, contracts, decimals: creditsDecimals },
    state: broken !== null ? 'broken' : now === null ? 'starting' : contracts === null ? 'opening' : 'open',
    problem: broken === null ? null : { text: broken.message, next: broken.next ?? '' },
    chain: record.chain === null ? null : chainRef(BigInt(record.chain.id)),
    genesis: record.chain?.genesis ?? null,
    backup: register.backup(),
    incarnation: now?.incarnation ?? register.seen()?.incarnation ?? 0,
    newest:
      now === null
        ? null
        : { number: now.newest.number, hash: `0x${toHex(now.newest.hash)}` as Hash32, at: now.newest.at * 1_000 },
    transactions: size?.transactions ?? null,
    bytes: size?.bytes ?? null,
    outstanding: outstanding === null ? null : creditsSum(outstanding),
  };
}

export const creditsSum = (amount: bigint) => ({ units: units(amount), amount: formatAmount(amount, creditsDecimals) });
