import type { ComponentProps, ReactNode } from 'react';
import type { TypedAmount } from '../lib/money/use-typed.ts';
import { cx } from './cx.ts';
import { Field, Input } from './field.tsx';

/** A field for an amount; its state comes from `useTypedAmount`. */
export function AmountField({
  label,
  hint,
  symbol,
  amount,
  after,
  autoFocus = false,
}: {
  label: string;
  hint?: ReactNode;
  symbol: string;
  amount: TypedAmount;
  after?: ReactNode;
  autoFocus?: boolean;
}) {
  return (
    <Field label={`${label}${symbol === '' ? '' : ` (${symbol})`}`} hint={hint} error={amount.error} required>
      {(control) => (
        <AmountInput
          {...control}
          symbol={symbol}
          autoFocus={autoFocus}
          value={amount.text}
          onChange={(event) => amount.set(event.target.value)}
          onBlur={() => amount.text !== '' && amount.touch()}
          after={after}
        />
      )}
    </Field>
  );
}

/** A number with what it counts at its end; what it counts is said again in the label for who cannot see it. */
function AmountInput({
  symbol,
  after,
  className,
  ...rest
}: Omit<ComponentProps<'input'>, 'type' | 'inputMode'> & {
  symbol: string;
  /** Beside it: a button that fills it. */
  after?: ReactNode;
}) {
  return (
    <div className="flex items-center gap-2">
      <div className="relative grow">
        <Input {...rest} inputMode="decimal" className={cx('pe-20 tabular-nums', className)} />
        <span
          aria-hidden
          className="pointer-events-none absolute inset-y-0 end-0 flex max-w-20 items-center truncate pe-2.5 text-sm text-ink-soft"
        >
          {symbol}
        </span>
      </div>
      {after}
    </div>
  );
}
