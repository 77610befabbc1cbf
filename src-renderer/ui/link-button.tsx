import { Link } from '@tanstack/react-router';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './cx.ts';

/** Goes to another page. `label` where the same word leads to several places ("Open: Vault"). */
export function TextLink({
  to,
  label,
  onFollow,
  children,
  className,
}: {
  to: string;
  label?: string;
  onFollow?: () => void;
  children: ReactNode;
  className?: string;
}) {
  return (
    <Link
      to={to}
      // A way back to the page above is not the page that is shown.
      activeOptions={{ exact: true }}
      aria-label={label}
      onClick={onFollow}
      className={cx(
        'rounded-sm text-link underline decoration-line-strong underline-offset-3 hover:decoration-current',
        className,
      )}
    >
      {children}
    </Link>
  );
}

/** Goes to another page and looks like a button. */
export function LinkButton({
  to,
  icon: Icon,
  tone = 'plain',
  onFollow,
  children,
}: {
  to: string;
  icon?: LucideIcon;
  onFollow?: () => void;
  tone?: 'primary' | 'plain';
  children: ReactNode;
}) {
  return (
    <Link
      to={to}
      // A way back to the page above is not the page that is shown.
      activeOptions={{ exact: true }}
      onClick={onFollow}
      className={cx(
        'inline-flex h-8 shrink-0 items-center gap-2 rounded-md px-3 text-sm font-medium whitespace-nowrap',
        // In a narrow window long words take a second line.
        'max-[699px]:h-auto max-[699px]:min-h-8 max-[699px]:shrink max-[699px]:py-1 max-[699px]:whitespace-normal',
        tone === 'primary'
          ? 'bg-accent text-accent-ink hover:bg-accent-hover'
          : 'border border-line-strong bg-surface-raised hover:bg-hover',
      )}
    >
      {Icon && <Icon aria-hidden className="size-4" strokeWidth={1.75} />}
      {children}
    </Link>
  );
}
