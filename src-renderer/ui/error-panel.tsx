import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { toFailure, useFailureText } from '../lib/failure.ts';
import { useT } from '../lib/i18n.ts';
import { Button } from './button.tsx';

export interface ErrorPanelProps {
  /** A Failure, or anything thrown. */
  error: unknown;
  onRetry?: () => void;
  actions?: ReactNode;
}

/** What happened, what it means for the person's data, what to do next; the details are folded. */
export function ErrorPanel({ error, onRetry, actions }: ErrorPanelProps) {
  const t = useT();
  const failure = toFailure(error);
  const text = useFailureText()(failure);
  const report = JSON.stringify(failure, null, 2);
  return (
    <div role="alert" className="flex gap-3 rounded-lg border border-line bg-surface-raised p-4 text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" strokeWidth={2} />
      <div className="min-w-0 grow">
        <p className="font-semibold">{text.message}</p>
        {text.meaning && <p className="mt-1 text-ink-soft">{text.meaning}</p>}
        {text.next && <p className="mt-1">{text.next}</p>}
        {(onRetry || actions) && (
          <div className="mt-3 flex flex-wrap gap-2">
            {onRetry && <Button onClick={onRetry}>{t('common.retry')}</Button>}
            {actions}
          </div>
        )}
        <details className="mt-3 text-ink-soft">
          <summary className="w-fit rounded-sm">{t('common.details')}</summary>
          <pre className="mt-2 max-h-48 overflow-auto rounded-md bg-surface-sunk p-2 font-mono text-xs break-words whitespace-pre-wrap">
            {report}
          </pre>
          <Button size="small" className="mt-2" onClick={() => void navigator.clipboard.writeText(report)}>
            {t('common.copyReport')}
          </Button>
        </details>
      </div>
    </div>
  );
}
