import { ask, hex, quantitySchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import { asRefusal } from '#core/evm/refusals.ts';
import { formatAmount } from '#shared/model/amount.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { failures } from '../failures.ts';
import type { Fee } from './fees.ts';

export interface Call {
  readonly from: EvmAddress;
  readonly to: EvmAddress | null;
  readonly data: `0x${string}`;
  readonly value: bigint;
}

/** More than any block holds: a chain that says so is lying, and a fee follows from it. */
const gasMost = 100_000_000n;

const coinOf = (chain: Chain) => chain.coin ?? { symbol: 'coin', decimals: 18 };
export const coinAmount = (chain: Chain, amount: bigint): string =>
  `${formatAmount(amount, coinOf(chain).decimals)} ${coinOf(chain).symbol}`;

/** What one transaction may cost unless its sender says otherwise: a tenth of a coin. */
const usualLimit = (chain: Chain): bigint => 10n ** BigInt(coinOf(chain).decimals) / 10n;

/**
 * What the gas of a call will be, with some to spare: what it does may change until it is made.
 *
 * @throws Fail CALL_REFUSED with the contract's reason, MONEY_SHORT, and those of the chain
 */
export async function gasFor(chain: Chain, { from, to, data, value }: Call, signal?: AbortSignal): Promise<bigint> {
  const call = { from, ...(to === null ? {} : { to }), data, value: hex(value) };
  const options = signal === undefined ? {} : { signal };
  try {
    const gas = await ask(chain, quantitySchema, 'eth_estimateGas', [call], options);
    const spare = gas === 21_000n && data === '0x' ? gas : (gas * 6n) / 5n;
    return spare < gasMost ? spare : gasMost;
  } catch (error) {
    if (isFail(error, 'CHAIN_SAID') && /insufficient funds/i.test(String(error.data?.message))) {
      throw failures.moneyShort(
        coinOf(chain).symbol,
        coinAmount(chain, await coinsOf(chain, from)),
        coinAmount(chain, value),
      );
    }
    throw asRefusal(error);
  }
}

export const coinsOf = (chain: Chain, who: EvmAddress, signal?: AbortSignal): Promise<bigint> =>
  ask(chain, quantitySchema, 'eth_getBalance', [who, 'latest'], signal === undefined ? {} : { signal });

/** @param limit what it may cost at most, in the coin's smallest unit @throws Fail FEE_HIGH, MONEY_SHORT */
export async function afford(chain: Chain, call: Call, gas: bigint, fee: Fee, limit: bigint | null): Promise<void> {
  const most = gas * fee.maxFee;
  if (most > (limit ?? usualLimit(chain))) {
    throw failures.feeHigh(coinAmount(chain, most), coinAmount(chain, limit ?? usualLimit(chain)));
  }
  const needs = call.value + most;
  if (needs === 0n) return;
  const has = await coinsOf(chain, call.from);
  if (has < needs) throw failures.moneyShort(coinOf(chain).symbol, coinAmount(chain, has), coinAmount(chain, needs));
}
