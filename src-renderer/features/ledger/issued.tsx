import { Download } from 'lucide-react';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { saveText } from '../../lib/save-text.ts';
import { Address } from '../../ui/address.tsx';
import { Amount } from '../../ui/amount.tsx';
import { IconButton } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';
import { Time } from '../../ui/time.tsx';

/** What was issued and given back, each with what for, and the record that proves it. */
export function Issued() {
  const t = useT();
  const { data, error, refetch } = useAgentQuery('ledger.issued', {});
  const { data: status } = useAgentQuery('ledger.status', {});
  const decimals = status?.own?.decimals ?? 0;
  return (
    <Section title={t('ledger.issued')} note={t('ledger.issuedNote')}>
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data || !status ? (
        <Skeleton className="h-24" />
      ) : data.acts.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('ledger.noneIssued')}</p>
      ) : (
        <ul aria-label={t('ledger.issued')} className="text-sm">
          {data.acts.map((act) => (
            <li
              key={`${act.record} ${act.tx}`}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-1.5 last:border-b-0"
            >
              <Amount
                className="min-w-28 font-medium"
                sign={act.kind === 'issue' ? 'out' : 'in'}
                money={{ units: act.sum.units, decimals, symbol: act.symbol }}
              />
              <span className="min-w-0 grow basis-40 wrap-anywhere">
                {act.memo === null ? t('ledger.memoGone') : <bdi>{act.memo}</bdi>}
              </span>
              {act.state !== 'done' && (
                <State tone={act.state === 'failed' ? 'failed' : 'waiting'}>{t(`ledger.act.${act.state}`)}</State>
              )}
              <Address address={act.who} />
              {act.at !== null && <Time at={act.at} className="text-ink-soft" />}
              {act.text !== null && (
                <IconButton
                  size="small"
                  icon={Download}
                  label={t('ledger.saveRecord')}
                  onClick={() => act.text !== null && saveText(`record-${act.record.slice(2, 10)}.json`, act.text)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
