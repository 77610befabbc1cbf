import { formatAmount } from '#shared/model/amount.ts';

/** An amount as the contract gives it: whole units of the token's smallest part, and what the token is called. */
export interface Money {
  readonly units: string;
  readonly decimals: number;
  readonly symbol: string;
}

/** Digits after the point that a list shows; what is smaller is said to be smaller. */
const shownDigits = 6;

/**
 * `1,234.5 ADA`, to the last digit that counts: `Intl` is given the digits as text and never a floating-point number.
 *
 * @param locale as Intl wants it
 */
export function exactMoney(money: Money, locale: string): string {
  return `${digits(formatAmount(BigInt(money.units), money.decimals), locale, 100)} ${money.symbol}`;
}

/**
 * The same with six digits after the point at most, rounded towards nothing: nobody is shown more than there is. `< 0.000001 ADA` where
 * nothing of it would be left.
 */
export function shortMoney(money: Money, locale: string): string {
  const amount = BigInt(money.units);
  const decimal = formatAmount(amount, money.decimals);
  const shown = digits(decimal, locale, shownDigits);
  if (amount === 0n || money.decimals <= shownDigits) return `${shown} ${money.symbol}`;
  const least = 10n ** BigInt(money.decimals - shownDigits);
  if (amount >= least || amount <= -least) return `${shown} ${money.symbol}`;
  return `< ${digits(formatAmount(1n, shownDigits), locale, shownDigits)} ${money.symbol}`;
}

function digits(decimal: string, locale: string, most: number): string {
  const format = new Intl.NumberFormat(locale, { maximumFractionDigits: most, roundingMode: 'trunc' } as const);
  return format.format(decimal as Intl.StringNumericLiteral);
}
