import { formatAmount } from '#shared/model/amount.ts';

/** So many of so much: the longest word or list that is shown whole. */
const longest = 200;

/** Somebody else’s texts in one line: no characters that turn it around, hide or break it. */
export function plainText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ');
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

export function amountWords(
  amount: bigint,
  asset: { readonly symbol: string; readonly decimals: number } | null,
): string {
  if (asset === null) return String(amount);
  return `${formatAmount(amount, asset.decimals)} ${asset.symbol === '' ? 'of a token without a name' : plainText(asset.symbol)}`;
}

/** Seconds since 1970 as a date in UTC; what is past all calendars is for ever, as who signs it means it. */
export function dateWords(seconds: bigint): string {
  if (seconds === 0n) return 'no end';
  if (seconds > 253_402_300_799n) return 'for ever';
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function durationWords(seconds: bigint): string {
  if (seconds === 0n) return 'none';
  const parts: string[] = [];
  let left = seconds;
  for (const [name, size] of [
    ['day', 86_400n],
    ['hour', 3_600n],
    ['minute', 60n],
    ['second', 1n],
  ] as const) {
    const count = left / size;
    left %= size;
    if (count > 0n) parts.push(`${count} ${name}${count === 1n ? '' : 's'}`);
  }
  return parts.slice(0, 2).join(' ');
}

export function rawWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return plainText(value === '0x' ? 'nothing' : value);
  if (Array.isArray(value)) return plainText(value.map(rawWords).join(', '));
  return plainText(String(value));
}
