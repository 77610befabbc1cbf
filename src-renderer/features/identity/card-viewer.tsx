import { Download } from 'lucide-react';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { saveText } from '../../lib/save-text.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { IdentityMark } from '../../ui/identity-mark.tsx';
import { Facts } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';
import { cardSignatureHolds } from './card-check.ts';

/** What one person hands to another, with its signature checked in this window. */
export function CardViewer() {
  const t = useT();
  const format = useFormat();
  const { data: card, error, refetch } = useAgentQuery('identity.card', {});
  if (error && !card) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!card) return <Skeleton className="h-64" />;
  const holds = cardSignatureHolds(card);
  return (
    <div className="rounded-lg border border-line bg-surface-raised p-4">
      <div className="flex flex-wrap items-center gap-3 pb-3">
        <IdentityMark id={card.person} size={40} />
        <span className="grow text-lg font-semibold">{card.name}</span>
        <State tone={holds ? 'ok' : 'danger'}>{holds ? t('settings.card.holds') : t('settings.card.fails')}</State>
      </div>
      <Facts
        rows={[
          {
            label: t('settings.card.person'),
            value: <Copyable value={card.person} what={t('settings.card.person')} />,
          },
          { label: t('settings.card.key'), value: <Copyable value={card.key} what={t('settings.card.key')} /> },
          { label: t('settings.card.kem'), value: <Copyable value={card.kem} what={t('settings.card.kem')} /> },
          { label: t('settings.card.pqKey'), value: <Copyable value={card.pqKey} what={t('settings.card.pqKey')} /> },
          { label: t('settings.card.log'), value: t('settings.card.entries', { count: card.log.length }) },
          { label: t('settings.card.at'), value: format.exact(card.at) },
        ]}
      />
      <Button
        className="mt-3"
        icon={Download}
        onClick={() => saveText('hypha-card.json', JSON.stringify(card, null, 2), 'application/json')}
      >
        {t('settings.card.save')}
      </Button>
    </div>
  );
}
