import { type ReactNode, useId } from 'react';
import { cx } from './cx.ts';

/** A titled part of a page: a heading and a hairline, no box. */
export function Section({
  title,
  note,
  actions,
  children,
  className,
}: {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={cx('border-t border-line pt-4', className)}>
      <header className="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div>
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {note && <p className="text-sm text-ink-soft">{note}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </section>
  );
}

/** `id` where the label is no text, or not the only one of its kind. */
type Fact = { id?: string; label: string; value: ReactNode } | { id: string; label: ReactNode; value: ReactNode };

/** Facts in two columns: what, and how it is. */
export function Facts({ rows }: { rows: readonly Fact[] }) {
  return (
    <dl className="grid text-sm min-[480px]:grid-cols-[minmax(8rem,auto)_1fr]">
      {rows.map((row) => (
        <div
          key={row.id ?? String(row.label)}
          className="grid items-baseline gap-x-6 border-b min-[480px]:col-span-2 min-[480px]:grid-cols-subgrid border-line py-1.5 last:border-b-0"
        >
          <dt className="text-ink-soft">{row.label}</dt>
          <dd className="min-w-0 break-words">{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}

const notices = {
  plain: 'border-line bg-surface-sunk',
  attention: 'border-attention bg-attention-soft',
  danger: 'border-danger bg-danger-soft',
} as const;

/** A calm line that stays until its reason is gone. */
export function Notice({
  tone = 'plain',
  children,
  action,
}: {
  tone?: keyof typeof notices;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div
      className={cx(
        'flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-lg border px-3.5 py-2.5 text-sm',
        notices[tone],
      )}
    >
      <div className="min-w-0 grow basis-64">{children}</div>
      {action && <div className="flex flex-wrap gap-2">{action}</div>}
    </div>
  );
}
