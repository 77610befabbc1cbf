import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { shortId } from '../lib/format.ts';
import { useT } from '../lib/i18n.ts';
import { cx } from './cx.ts';
import { Tooltip } from './tooltip.tsx';

export interface CopyableProps {
  /** Copied in full, read in full by screen readers, shown in full on hover. */
  value: string;
  /** What it is, for "Copy the person id". */
  what: string;
  /** Show it whole (commands) instead of `abcd…wxyz`. */
  whole?: boolean;
  /** How much of both ends stays in sight; four each unless given. */
  ends?: readonly [head: number, tail: number];
  className?: string;
}

export function Copyable({ value, what, whole = false, ends = [4, 4], className }: CopyableProps) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  const label = copied ? t('common.copied') : t('common.copyNamed', { what });
  return (
    <span className={cx('inline-flex max-w-full items-center gap-1 font-mono text-sm', className)}>
      {whole ? (
        <span className="min-w-0 wrap-anywhere">{value}</span>
      ) : (
        <Tooltip text={<span className="break-all font-mono">{value}</span>}>
          <span>
            <span aria-hidden>{shortId(value, ...ends)}</span>
            <span className="sr-only">{value}</span>
          </span>
        </Tooltip>
      )}
      <button
        type="button"
        aria-label={label}
        title={label}
        onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
        className="inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-soft hover:bg-hover hover:text-ink"
      >
        <Icon aria-hidden className="size-3.5" strokeWidth={1.75} />
      </button>
    </span>
  );
}
