import type { DealView } from '#shared/contract/deals.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Copyable } from '../../../ui/copyable.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';

/** What happened in a deal, newest first, each with the transaction that proves it. */
export function DealHistory({ deal }: { deal: DealView }) {
  const t = useT();
  const { data, error, refetch } = useAgentQuery('deals.history', { deal: deal.id });
  return (
    <Section title={t('deals.history')}>
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-24" />
      ) : data.events.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('deals.noHistory')}</p>
      ) : (
        <ol className="text-sm">
          {data.events.toReversed().map((event) => (
            <li
              key={`${event.tx} ${event.what} ${event.at}`}
              className="flex flex-wrap items-baseline gap-x-3 border-b border-line py-1.5 last:border-b-0"
            >
              <span className="grow basis-56">{event.words}</span>
              <Time at={event.at} className="text-ink-soft" />
              <Copyable value={event.tx} what={t('deals.transaction')} className="text-ink-soft" />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
