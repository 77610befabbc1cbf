import type { SearchIndex } from '#shared/contract/vault.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { State } from '../../../ui/state.tsx';

/** How much was found, and whether there may be more once all files are read. */
export function SearchLine({ shown, total, index }: { shown: number; total: number; index: SearchIndex }) {
  const t = useT();
  const format = useFormat();
  return (
    <p className="flex min-h-6 flex-wrap items-center gap-x-4 px-3 text-xs text-ink-soft" aria-live="polite">
      <span>
        {shown < total
          ? t('vault.search.best', { shown: format.number(shown), total: format.number(total) })
          : t('vault.search.count', { count: total })}
      </span>
      {index.state === 'reading' && index.waiting > 0 && (
        <State tone="waiting">{t('vault.search.reading', { count: index.waiting })}</State>
      )}
      {index.state === 'full' && <State tone="attention">{t('vault.search.full')}</State>}
    </p>
  );
}
