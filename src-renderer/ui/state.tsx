import {
  Circle,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CirclePause,
  CircleX,
  type LucideIcon,
  TriangleAlert,
} from 'lucide-react';
import { cx } from './cx.ts';

/** How a thing stands. Each has its own shape, so that colour is never the only sign. */
export type Tone = 'ok' | 'active' | 'idle' | 'paused' | 'waiting' | 'attention' | 'danger' | 'failed';

const shapes: Record<Tone, readonly [LucideIcon, string]> = {
  ok: [CircleCheck, 'text-ok'],
  active: [CircleDot, 'text-ok'],
  idle: [Circle, 'text-ink-soft'],
  paused: [CirclePause, 'text-ink-soft'],
  waiting: [CircleDashed, 'text-ink-soft'],
  attention: [TriangleAlert, 'text-attention'],
  danger: [CircleAlert, 'text-danger'],
  failed: [CircleX, 'text-danger'],
};

/** Word, shape and colour of a state. */
export function State({
  tone,
  children,
  className,
  small = false,
}: {
  tone: Tone;
  children: string;
  className?: string;
  /** On a phone the shape stands alone; the word is still there for screen readers. */
  small?: boolean;
}) {
  const [Icon, colour] = shapes[tone];
  return (
    <span
      className={cx(
        'inline-flex max-w-full items-center gap-1.5 align-middle whitespace-nowrap text-sm',
        colour,
        className,
      )}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" strokeWidth={2} />
      <span className={cx('min-w-0 overflow-hidden text-ellipsis', small && 'max-[699px]:sr-only')}>{children}</span>
    </span>
  );
}
