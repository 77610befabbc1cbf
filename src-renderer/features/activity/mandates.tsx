import { Plus } from 'lucide-react';
import { Suspense, useState } from 'react';
import type { Mandate } from '#shared/contract/activity.ts';
import { lazyPage } from '../../app/lazy-page.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useNow } from '../../lib/clock.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { State } from '../../ui/state.tsx';
import { Table } from '../../ui/table.tsx';
import { faceWords } from '../consent/consent-dialog.tsx';

const MandateDialog = lazyPage(async () => (await import('./mandate-dialog.tsx')).MandateDialog);

/** Standing approvals: what may happen without being asked, how often it did, and the way to end it. */
export function Mandates({ making, setMaking }: { making: boolean; setMaking: (making: boolean) => void }) {
  const t = useT();
  const now = useNow();
  const words = useMethodWords();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('mandates.list', {});
  const revoke = useAgentMutation('mandates.revoke', { onDone: () => setAsking(null) });
  const [asking, setAsking] = useState<Mandate | null>(null);
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!data) return null;
  const add = (
    <Button icon={Plus} disabled={!ready} onClick={() => setMaking(true)}>
      {t('activity.mandates.new')}
    </Button>
  );
  const dialog = making && (
    <Suspense fallback={null}>
      <MandateDialog onClose={() => setMaking(false)} />
    </Suspense>
  );
  if (data.mandates.length === 0) {
    return (
      <>
        <EmptyState title={t('activity.mandates.empty')} action={add}>
          {t('activity.mandates.emptyText')}
        </EmptyState>
        {dialog}
      </>
    );
  }
  const stateOf = (m: Mandate) => {
    if (m.revokedAt !== null)
      return (
        <State small tone="idle">
          {t('activity.mandates.revoked')}
        </State>
      );
    if (m.expiresAt <= now)
      return (
        <State small tone="idle">
          {t('activity.mandates.expired')}
        </State>
      );
    if (m.uses >= m.maxUses)
      return (
        <State small tone="idle">
          {t('activity.mandates.usedUp')}
        </State>
      );
    return (
      <State small tone="active">
        {t('activity.mandates.activeUntil', { date: format.date(m.expiresAt) })}
      </State>
    );
  };
  return (
    <>
      <div className="pb-3">{add}</div>
      <Table
        label={t('activity.mandates.title')}
        rows={data.mandates}
        rowKey={(m) => m.id}
        columns={[
          {
            key: 'method',
            header: t('activity.mandates.what'),
            cell: (m) => (
              <span title={m.method}>
                {words.title(m.method)} <span className="text-ink-soft">{targetText(m)}</span>
              </span>
            ),
          },
          {
            key: 'face',
            header: t('activity.mandates.for'),
            width: '9rem',
            phone: false,
            cell: (m) => t(faceWords[m.face]),
          },
          {
            key: 'uses',
            header: t('activity.mandates.uses'),
            width: '7rem',
            wideOnly: true,
            cell: (m) => t('common.progressOf', { done: m.uses, total: m.maxUses }),
          },
          { key: 'state', header: t('activity.mandates.state'), width: '12rem', phone: '2.5rem', cell: stateOf },
          {
            key: 'revoke',
            header: t('activity.mandates.revoke'),
            headerHidden: true,
            width: '7rem',
            align: 'end',
            cell: (m) =>
              m.revokedAt === null && m.expiresAt > now ? (
                <Button size="small" onClick={() => setAsking(m)}>
                  {t('activity.mandates.revoke')}
                </Button>
              ) : null,
          },
        ]}
      />
      {dialog}
      {asking && (
        <ConfirmDialog
          open
          onOpenChange={(open) => !open && setAsking(null)}
          title={t('activity.mandates.revokeTitle')}
          description={t('activity.mandates.revokeText', { what: words.title(asking.method) })}
          action={t('activity.mandates.revoke')}
          onConfirm={() => revoke.mutateAsync({ mandate: asking.id })}
        />
      )}
    </>
  );
}

const targetText = ({ target }: Mandate): string =>
  Object.entries(target)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(', ');
