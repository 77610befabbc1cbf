import type { LucideIcon } from 'lucide-react';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cx } from './cx.ts';
import { Tooltip } from './tooltip.tsx';

export type ButtonTone = 'primary' | 'plain' | 'quiet' | 'danger';

const tones: Record<ButtonTone, string> = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-hover',
  plain: 'border border-line-strong bg-surface-raised text-ink hover:bg-hover',
  quiet: 'text-ink hover:bg-hover',
  danger: 'bg-danger-fill text-[oklch(1_0_0)] hover:opacity-90',
};

export interface ButtonProps extends ComponentProps<'button'> {
  tone?: ButtonTone;
  icon?: LucideIcon;
  /** Work is under way: the button keeps its width and cannot be pressed again. */
  busy?: boolean;
  size?: 'small' | 'normal' | 'large';
}

const sizes = { small: 'h-7 px-2.5 text-sm', normal: 'h-8 px-3 text-sm', large: 'h-10 px-4 text-base' } as const;

/** A verb with its object: "Store files", not "OK". One `primary` a view. */
export function Button({
  tone = 'plain',
  icon: Icon,
  busy = false,
  size = 'normal',
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={cx(
        'inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap transition-colors duration-150 select-none',
        'disabled:cursor-default disabled:border-transparent disabled:bg-hover disabled:text-ink-soft',
        sizes[size],
        tones[tone],
        className,
      )}
    >
      {busy ? (
        <LoaderCircle aria-hidden className="size-4 animate-spin" />
      ) : (
        Icon && <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      )}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label' | 'children'> {
  icon: LucideIcon;
  /** What it does, for screen readers and the tooltip. Never left out. */
  label: string;
  /** Its shortcut, shown in the tooltip. */
  keys?: string;
  pressed?: boolean;
  size?: 'small' | 'normal';
}

export function IconButton({ icon: Icon, label, keys, pressed, size = 'normal', className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        {...rest}
        className={cx(
          'inline-flex shrink-0 items-center justify-center rounded-md text-ink-soft transition-colors duration-150 hover:bg-hover hover:text-ink disabled:cursor-default disabled:opacity-45 aria-pressed:bg-hover aria-pressed:text-ink',
          size === 'small' ? 'size-7' : 'size-8',
          className,
        )}
      >
        <Icon aria-hidden className="size-4" strokeWidth={1.75} />
      </button>
    </Tooltip>
  );
}
