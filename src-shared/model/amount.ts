/**
 * Amounts between people and chains: a decimal number as people write it, a whole number of the smallest unit as chains count it.
 * Never a floating-point number.
 */

/**
 * @param text `1.20`, with a point; no sign, no exponent, no grouping
 * @param decimals digits after the point that the token knows, 0 to 255
 * @returns null for what is no amount, or is finer than the token
 */
export function parseAmount(text: string, decimals: number): bigint | null {
  const parts = /^(\d{1,78})(?:\.(\d{1,255}))?$/.exec(text.trim());
  if (parts === null) return null;
  const [, whole = '', fraction = ''] = parts;
  const kept = fraction.replace(/0+$/, '');
  if (kept.length > decimals) return null;
  const amount = BigInt(whole) * 10n ** BigInt(decimals) + BigInt(kept.padEnd(decimals, '0') || '0');
  return amount < 1n << 256n ? amount : null;
}

/** Every digit that counts, and none that does not: `1.2`, `0.000001`, `-3`. */
export function formatAmount(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
