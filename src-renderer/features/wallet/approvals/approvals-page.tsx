import { useState } from 'react';
import type { Approval } from '#shared/contract/wallet/review.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Address } from '../../../ui/address.tsx';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field } from '../../../ui/field.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State } from '../../../ui/state.tsx';
import { useChains } from '../use-chains.ts';
import { WalletRoom } from '../wallet-room.tsx';

/** Whom the person allowed to take tokens, chain by chain; each can be taken back. */
export function ApprovalsPage() {
  const t = useT();
  const format = useFormat();
  const chains = useChains();
  const [chosen, setChosen] = useState<string | null>(null);
  const chain = chains.find(({ ref }) => ref === chosen) ?? chains[0];
  const { data, error, refetch } = useAgentQuery(
    'wallet.approvals',
    { chain: chain?.ref ?? 'eip155:1' },
    { enabled: chain !== undefined },
  );
  return (
    <WalletRoom here="approvals">
      {!chain ? (
        <EmptyState title={t('wallet.approvals.noChain')}>{t('wallet.approvals.noChainText')}</EmptyState>
      ) : (
        <div className="flex flex-col gap-5">
          <p className="text-sm text-ink-soft">{t('wallet.approvals.text')}</p>
          {chains.length > 1 && (
            <Field label={t('deals.chain')}>
              {(control) => (
                <Select
                  {...control}
                  value={chain.ref as string}
                  onChange={setChosen}
                  options={chains.map(({ ref, name }) => ({ value: ref as string, label: name }))}
                />
              )}
            </Field>
          )}
          {error && !data ? (
            <ErrorPanel error={error} onRetry={() => void refetch()} />
          ) : !data ? (
            <Skeleton className="h-40" />
          ) : (
            <>
              {data.approvals.length === 0 ? (
                <p className="text-sm">{t('wallet.approvals.none')}</p>
              ) : (
                <ul>
                  {data.approvals.map((approval) => (
                    <ApprovalRow
                      key={`${approval.asset.address} ${approval.asset.id} ${approval.spender.address}`}
                      approval={approval}
                    />
                  ))}
                </ul>
              )}
              <p className="text-sm text-ink-soft">
                {t('wallet.approvals.blocks', { from: format.number(data.from), to: format.number(data.to) })}
              </p>
            </>
          )}
        </div>
      )}
    </WalletRoom>
  );
}

function ApprovalRow({ approval }: { approval: Approval }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const revoke = useAgentMutation('wallet.revoke', { done: () => t('wallet.approvals.revoked') });
  const { chain, kind, asset, spender, owner, unlimited } = approval;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-2 text-sm last:border-b-0">
      <span className="flex min-w-0 grow basis-64 flex-col">
        <span className="wrap-anywhere">{approval.text}</span>
        <Address address={spender.address} name={spender.name} />
      </span>
      {(unlimited || kind === 'all') && <State tone="attention">{t('wallet.approvals.unlimited')}</State>}
      {asset.address !== null && (
        <Button
          disabled={!ready}
          busy={revoke.isPending}
          onClick={() =>
            asset.address &&
            revoke.mutate({
              chain,
              kind,
              token: asset.address,
              spender: spender.address,
              account: owner.address,
              ...(asset.id === null ? {} : { id: asset.id }),
            })
          }
        >
          {t('wallet.approvals.revoke')}
        </Button>
      )}
    </li>
  );
}
