import type { SearchIndex } from '#shared/contract/vault.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { State } from '../../../ui/state.tsx';

/** What may be missing among the results: those after the best, and files whose words are not known yet. */
export function SearchLine({ shown, total, index }: { shown: number; total: number; index: SearchIndex }) {
  const t = useT();
  const format = useFormat();
  const reading = index.state === 'reading' && index.waiting > 0;
  if (shown >= total && !reading && index.state !== 'full') return null;
  return (
    <p className="flex min-h-6 flex-wrap items-center gap-x-4 text-xs text-ink-soft" aria-live="polite">
      {shown < total && (
        <span>{t('vault.search.best', { shown: format.number(shown), total: format.number(total) })}</span>
      )}
      {reading && <State tone="waiting">{t('vault.search.reading', { count: index.waiting })}</State>}
      {index.state === 'full' && <State tone="attention">{t('vault.search.full')}</State>}
    </p>
  );
}
