import type { UseQueryResult } from '@tanstack/react-query';
import type { Failure } from '#shared/rpc/fail.ts';
import { type Out, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Amount } from '../../../ui/amount.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice, Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State } from '../../../ui/state.tsx';

/** What each account has, token by token, and what is not known because a chain is silent. */
export function BalanceList({ balances }: { balances: UseQueryResult<Out<'wallet.balances'>, Failure> }) {
  const t = useT();
  const { data, error, refetch } = balances;
  const { data: known } = useAgentQuery('wallet.accounts', {});
  const accounts = known?.accounts ?? [];
  const nameOf = (address: string) => accounts.find((account) => account.address === address)?.name ?? null;
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="h-32" />;
  if (data.balances.length === 0 && data.unreachable.length === 0) {
    return (
      <EmptyState
        title={t('wallet.money.empty')}
        action={<LinkButton to="/wallet/ledger">{t('wallet.nav.ledger')}</LinkButton>}
      >
        {t('wallet.money.emptyText')}
      </EmptyState>
    );
  }
  return (
    <Section title={t('wallet.money.have')}>
      <div className="flex flex-col gap-3">
        {data.unreachable.map(({ chain, name, why }) => (
          <Notice key={chain} tone="attention">
            {t('wallet.money.unreachable', { name })} <span className="text-ink-soft">{why}</span>
          </Notice>
        ))}
        <ul className="text-sm">
          {data.balances.map(({ account, token, sum }) => (
            <li
              key={`${account} ${token.chain} ${token.address}`}
              className="flex flex-wrap items-baseline gap-x-4 border-b border-line py-2 last:border-b-0"
            >
              <Amount
                className="min-w-32 text-base font-medium"
                money={{ units: sum.units, decimals: token.decimals, symbol: token.symbol }}
              />
              <span className="grow text-ink-soft">
                {token.kind === 'credits'
                  ? token.label
                  : t('wallet.money.on', { name: token.name, chain: token.chainName })}
              </span>
              {token.warning !== null && (
                <span title={token.warning}>
                  <State tone="attention">{t('wallet.money.doubt')}</State>
                  <span className="sr-only">{token.warning}</span>
                </span>
              )}
              {accounts.length > 1 && <bdi className="text-ink-soft">{nameOf(account)}</bdi>}
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}
