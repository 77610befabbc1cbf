import type { Chain } from '#core/evm/chain.ts';
import type { Sum } from '#shared/contract/wallet/money.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { units } from '#shared/model/evm.ts';

interface Counted {
  readonly symbol: string;
  readonly decimals: number;
}

export function sumOf(amount: bigint, { symbol, decimals }: Counted): Sum {
  const text = formatAmount(amount, decimals);
  return { units: units(amount), amount: text, text: `${text} ${symbol}` };
}

/** Of what pays for transactions. */
export const coinOf = (chain: Pick<Chain, 'coin'>): Counted => chain.coin ?? { symbol: 'coin', decimals: 18 };
