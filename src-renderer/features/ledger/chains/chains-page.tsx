import { useState } from 'react';
import type { PublicChain } from '#shared/contract/ledger/public.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { State } from '../../../ui/state.tsx';
import { WalletRoom } from '../../wallet/wallet-room.tsx';
import { AddChain, type ChainQuestion } from './add-chain.tsx';
import { RpcList } from './rpc-list.tsx';

/** Public chains, each asked through servers of the person's choice. */
export function ChainsPage() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('ledger.chains', {});
  const [asking, setAsking] = useState<ChainQuestion | null>(null);
  useWanted('ledger.addChain', () => setAsking({ kind: 'chain' }));
  return (
    <WalletRoom
      here="chains"
      action={
        <Button tone="primary" disabled={!ready} onClick={() => setAsking({ kind: 'chain' })}>
          {t('ledger.chains.add')}
        </Button>
      }
    >
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-48" />
      ) : data.chains.length === 0 ? (
        <EmptyState title={t('ledger.chains.empty')}>{t('ledger.chains.emptyText')}</EmptyState>
      ) : (
        <div className="flex flex-col gap-8">
          {data.chains.map((chain) => (
            <ChainSection
              key={chain.ref}
              chain={chain}
              onAdd={() => setAsking({ kind: 'rpc', chain: chain.ref, name: chain.name })}
            />
          ))}
        </div>
      )}
      {asking && data && <AddChain asking={asking} known={data.known} onClose={() => setAsking(null)} />}
    </WalletRoom>
  );
}

function ChainSection({ chain, onAdd }: { chain: PublicChain; onAdd: () => void }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [forgetting, setForgetting] = useState(false);
  const remove = useAgentMutation('ledger.removeChain');
  const resume = useAgentMutation('ledger.resumeChain', { done: () => t('ledger.chains.resumed') });
  const doubted = chain.rpcs.some(({ state }) => state === 'differs');
  return (
    <Section
      title={chain.name}
      note={
        <span className="inline-flex flex-wrap items-center gap-x-3">
          {t('ledger.chains.about', { coin: chain.coin.symbol, count: chain.confirmations })}
          {chain.test && <State tone="idle">{t('ledger.chains.test')}</State>}
        </span>
      }
      actions={
        <>
          <Button disabled={!ready} onClick={onAdd}>
            {t('ledger.chains.addRpc')}
          </Button>
          {doubted && (
            <Button disabled={!ready} busy={resume.isPending} onClick={() => resume.mutate({ chain: chain.ref })}>
              {t('ledger.chains.resume')}
            </Button>
          )}
          <Button disabled={!ready} onClick={() => setForgetting(true)}>
            {t('ledger.chains.forget')}
          </Button>
        </>
      }
    >
      <RpcList chain={chain} />
      {chain.contracts === null && <p className="mt-2 text-sm text-ink-soft">{t('ledger.chains.noContracts')}</p>}
      <ConfirmDialog
        open={forgetting}
        onOpenChange={setForgetting}
        title={t('ledger.chains.forgetTitle', { name: chain.name })}
        description={t('ledger.chains.forgetText')}
        action={t('ledger.chains.forget')}
        onConfirm={() => remove.mutateAsync({ chain: chain.ref })}
      />
    </Section>
  );
}
