import { useFormat } from '../lib/format.ts';
import type { Money } from '../lib/money/format.ts';
import { cx } from './cx.ts';

/** An amount with its token. A list shows as many digits as are read at a glance; all of them are there on hover and to screen readers. */
export function Amount({
  money,
  sign,
  exact = false,
  className,
}: {
  money: Money;
  /** Whether it came or went. */
  sign?: 'in' | 'out' | undefined;
  /** Every digit: where somebody decides about it. */
  exact?: boolean;
  className?: string;
}) {
  const format = useFormat();
  const before = sign === undefined ? '' : sign === 'in' ? '+' : '−';
  const whole = before + format.money(money);
  const shown = exact ? whole : before + format.shortMoney(money);
  const look = cx('tabular-nums', exact ? 'wrap-anywhere' : 'whitespace-nowrap', className);
  if (shown === whole) return <span className={look}>{shown}</span>;
  return (
    <span className={look} title={whole}>
      <span aria-hidden>{shown}</span>
      <span className="sr-only">{whole}</span>
    </span>
  );
}
