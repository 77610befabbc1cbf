import { useState } from 'react';
import type { TaskId } from '#shared/rpc/contract.ts';
import { type Out, useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Facts, Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Time } from '../../ui/time.tsx';
import { TaskPanel } from '../tasks/task-panel.tsx';
import { WalletRoom } from '../wallet/wallet-room.tsx';
import { moneyOf } from './deal-words.ts';

/** What burns money now, what comes in, and when it runs out; each token by itself, for nobody knows what one is worth in the other. */
export function CostsPage() {
  const t = useT();
  const { data, error, refetch } = useAgentQuery('deals.costs', {});
  return (
    <WalletRoom here="costs">
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-60" />
      ) : data.tokens.length === 0 ? (
        <EmptyState title={t('deals.noCosts')}>{t('deals.noCostsText')}</EmptyState>
      ) : (
        <div className="flex flex-col gap-8">
          {data.tokens.map((cost) => (
            <CostOf key={`${cost.chain} ${cost.token.address}`} cost={cost} />
          ))}
        </div>
      )}
    </WalletRoom>
  );
}

function CostOf({ cost }: { cost: Out<'deals.costs'>['tokens'][number] }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [task, setTask] = useState<TaskId | null>(null);
  const withdraw = useAgentMutation('deals.withdraw', { onDone: ({ task }) => setTask(task) });
  const { token, next } = cost;
  const owed = cost.owed === null || cost.owed === '0' ? null : cost.owed;
  return (
    <Section
      title={token.symbol}
      note={cost.chainName ?? cost.chain}
      actions={
        owed !== null && (
          <Button
            tone="primary"
            disabled={!ready}
            busy={withdraw.isPending}
            onClick={() => withdraw.mutate({ chain: cost.chain, token: token.address })}
          >
            {t('deals.do.withdraw')}
          </Button>
        )
      }
    >
      <Facts
        rows={[
          { label: t('deals.costs.out'), value: <Amount money={moneyOf(token, cost.outADay)} /> },
          { label: t('deals.costs.in'), value: <Amount money={moneyOf(token, cost.inADay)} /> },
          { label: t('deals.costs.deposits'), value: <Amount exact money={moneyOf(token, cost.deposits)} /> },
          { label: t('deals.costs.spent'), value: <Amount exact money={moneyOf(token, cost.spent)} /> },
          {
            label: t('deals.costs.owed'),
            value: cost.owed === null ? t('deals.costs.notKnown') : <Amount exact money={moneyOf(token, cost.owed)} />,
          },
          { label: t('deals.costs.next'), value: next === null ? t('deals.costs.nothing') : <Time at={next.at} /> },
        ]}
      />
      {task !== null && (
        <div className="mt-3">
          <TaskPanel key={task} id={task} />
        </div>
      )}
    </Section>
  );
}
