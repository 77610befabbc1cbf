import { parseAmount } from '#shared/model/amount.ts';

/** What somebody typed as an amount: the amount, or why it is none. */
export type Typed =
  | { readonly ok: true; readonly units: bigint }
  | { readonly ok: false; readonly why: 'empty' | 'separators' | 'fine' | 'none' | 'zero' };

/** `.` or `,`: what parts whole from fraction where the person lives. */
export function pointOf(locale: string): string {
  const parts = new Intl.NumberFormat(locale).formatToParts(1.5);
  return parts.find(({ type }) => type === 'decimal')?.value ?? '.';
}

/**
 * An amount as people write it. Only the point of the person's own language is taken: `1,200` is one thing in London and another in
 * Berlin, and nobody should send a thousand times too much by where they live.
 *
 * @param decimals that the token knows
 * @param locale as Intl wants it
 */
export function readTyped(text: string, decimals: number, locale: string): Typed {
  const given = text.trim();
  if (given === '') return { ok: false, why: 'empty' };
  const point = pointOf(locale);
  const other = point === ',' ? '.' : ',';
  if (/^[\d.,'’\s]+$/.test(given) && (given.includes(other) || /['’\s]/.test(given) || given.split(point).length > 2)) {
    return { ok: false, why: 'separators' };
  }
  const plain = given.replace(point, '.');
  const units = parseAmount(plain, decimals);
  if (units === 0n) return { ok: false, why: 'zero' };
  if (units !== null) return { ok: true, units };
  return { ok: false, why: /^\d{1,78}\.\d+$/.test(plain) ? 'fine' : 'none' };
}
