import { useState } from 'react';
import { useFormat } from '../format.ts';
import { useLocale, useT } from '../i18n.ts';
import type { Money } from './format.ts';
import { pointOf, readTyped } from './typed.ts';

/** What an amount counts. */
export type Token = Pick<Money, 'decimals' | 'symbol'>;

export interface TypedAmount {
  readonly text: string;
  /** Null for what is no amount, or more than there is. */
  readonly units: bigint | null;
  /** Why, once it was left or tried; nothing shouts while it is first written. */
  readonly error: string | undefined;
  readonly set: (text: string) => void;
  /** It was left or tried. */
  readonly touch: () => void;
}

/**
 * The state of a field for an amount.
 *
 * @param token null while it is not chosen
 * @param most more than which cannot be given; null for no limit
 */
export function useTypedAmount(token: Token | null, most: bigint | null = null, first = ''): TypedAmount {
  const t = useT();
  const format = useFormat();
  const locale = useLocale();
  const [text, setText] = useState(first);
  const [touched, setTouched] = useState(false);
  const decimals = token?.decimals ?? 0;
  const symbol = token?.symbol ?? '';
  const typed = readTyped(text, decimals, locale);
  const tooMuch = typed.ok && most !== null && typed.units > most;
  const example = `1${pointOf(locale)}5`;
  const why = typed.ok
    ? tooMuch
      ? t('money.typed.more', { has: format.money({ units: String(most), decimals, symbol }) })
      : undefined
    : typed.why === 'fine'
      ? t('money.typed.fine', { count: decimals, symbol })
      : t(`money.typed.${typed.why}`, { example });
  return {
    text,
    units: token !== null && typed.ok && !tooMuch ? typed.units : null,
    error: touched ? why : undefined,
    set: setText,
    touch: () => setTouched(true),
  };
}
