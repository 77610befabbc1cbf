import { useState } from 'react';
import type { DealView } from '#shared/contract/deals.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Checkbox } from '../../ui/field.tsx';
import { LinkButton } from '../../ui/link-button.tsx';
import { Notice, Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { WalletRoom } from '../wallet/wallet-room.tsx';
import { DealSheet } from './deal/deal-sheet.tsx';
import { DealTable } from './deal-table.tsx';

/** The deals that somebody pays for and those that pay them. */
export function ContractsPage() {
  const t = useT();
  const [closed, setClosed] = useState(false);
  const { data, error, refetch } = useAgentQuery('deals.list', { closed }, { keepPrevious: true });
  const [shown, setShown] = useState<DealView['id'] | null>(null);
  const deals = data?.deals;
  const open = deals?.find(({ id }) => id === shown);
  const by = (role: DealView['role']) => (deals ?? []).filter((deal) => deal.role === role);
  const stale = (deals ?? []).some(({ fresh }) => !fresh);
  return (
    <WalletRoom
      here="contracts"
      action={
        <LinkButton tone="primary" to="/wallet/offers">
          {t('deals.toOffers')}
        </LinkButton>
      }
    >
      {error && !deals ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !deals ? (
        <Skeleton className="h-60" />
      ) : (
        <div className="flex flex-col gap-8">
          {stale && <Notice tone="attention">{t('deals.stale')}</Notice>}
          {deals.length === 0 ? (
            <EmptyState title={t('deals.empty')}>{t('deals.emptyText')}</EmptyState>
          ) : (
            (['tenant', 'provider'] as const).map(
              (role) =>
                by(role).length > 0 && (
                  <Section key={role} title={t(`deals.role.${role}`)}>
                    <DealTable label={t(`deals.role.${role}`)} deals={by(role)} onOpen={({ id }) => setShown(id)} />
                  </Section>
                ),
            )
          )}
          <Checkbox checked={closed} onChange={setClosed}>
            {t('deals.showClosed')}
          </Checkbox>
        </div>
      )}
      {open && <DealSheet deal={open} onClose={() => setShown(null)} />}
    </WalletRoom>
  );
}
