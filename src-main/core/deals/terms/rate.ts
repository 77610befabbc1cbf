/** Prices by the second, which contracts count in, and by the times that people think in. */

export const secondsOf = { second: 1n, hour: 3_600n, day: 86_400n, month: 30n * 86_400n } as const;
export type Per = keyof typeof secondsOf;

const mostRate = (1n << 128n) - 1n;

/**
 * Smallest units a second for a price over a longer time, rounded to the nearest.
 *
 * @returns null where a second costs less than the smallest unit can say to a part in a hundred, or more than a contract holds
 */
export function rateOf(amount: bigint, per: Per): bigint | null {
  const seconds = secondsOf[per];
  if (amount === 0n) return 0n;
  const rate = (amount + seconds / 2n) / seconds;
  if (rate === 0n || rate > mostRate) return null;
  const off = rate * seconds > amount ? rate * seconds - amount : amount - rate * seconds;
  return off * 100n <= amount ? rate : null;
}

/** What a rate comes to, exactly. */
export const priceOf = (rate: bigint) => ({
  second: rate,
  hour: rate * secondsOf.hour,
  day: rate * secondsOf.day,
  month: rate * secondsOf.month,
});

/** A time in words: the largest unit that it is a whole number of. */
export function duration(seconds: number): string {
  const unit = (
    [
      ['day', 86_400],
      ['hour', 3_600],
      ['minute', 60],
      ['second', 1],
    ] as const
  ).find(([, length]) => seconds >= length && seconds % length === 0);
  const [name, length] = unit ?? (['second', 1] as const);
  const count = seconds / length;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
