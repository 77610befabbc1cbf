import { useState } from 'react';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { useWanted } from '../../state/use-wanted.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TaskPanel } from '../tasks/task-panel.tsx';
import { WalletRoom } from '../wallet/wallet-room.tsx';
import { IssueDialog } from './issue-dialog.tsx';
import { Issued } from './issued.tsx';
import { OpenDialog } from './open-dialog.tsx';
import { OwnLedger } from './own-ledger.tsx';
import { Sharing } from './sharing.tsx';

/** The person's own ledger: what it holds, what was issued on it, and what it does and does not protect from. */
export function LedgerPage() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('ledger.status', {});
  const [dialog, setDialog] = useState<'open' | 'issue' | null>(null);
  const [task, setTask] = useState<TaskId | null>(null);
  const verify = useAgentMutation('ledger.verify', { onDone: ({ task }) => setTask(task) });
  useWanted('ledger.open', () => setDialog('open'));
  useWanted('ledger.issue', () => setDialog('issue'));
  const own = data?.own ?? null;
  const open = own?.state === 'open';
  return (
    <WalletRoom
      here="ledger"
      action={
        open && (
          <Button tone="primary" disabled={!ready} onClick={() => setDialog('issue')}>
            {t('ledger.issue')}
          </Button>
        )
      }
    >
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-60" />
      ) : (
        <div className="flex flex-col gap-8">
          {own === null ? (
            <EmptyState
              title={t('ledger.none')}
              action={
                <Button tone="primary" disabled={!ready} onClick={() => setDialog('open')}>
                  {t('ledger.open')}
                </Button>
              }
            >
              {t('ledger.noneText')}
            </EmptyState>
          ) : (
            <OwnLedger
              ledger={own}
              actions={
                open && (
                  <Button disabled={!ready} busy={verify.isPending} onClick={() => verify.mutate({})}>
                    {t('ledger.verify')}
                  </Button>
                )
              }
            />
          )}
          {task !== null && <TaskPanel key={task} id={task} />}
          {open && <Issued />}
          {open && <Sharing />}
          <div className="grid gap-8 min-[800px]:grid-cols-2">
            {(['protects', 'protectsNot'] as const).map((side) => (
              <Section key={side} title={t(`ledger.${side}`)}>
                <ul className="flex list-disc flex-col gap-1.5 ps-5 text-sm">
                  {data[side].map((line) => (
                    <li key={line}>{line}</li>
                  ))}
                </ul>
              </Section>
            ))}
          </div>
        </div>
      )}
      {dialog === 'open' && (
        <OpenDialog
          onClose={() => setDialog(null)}
          onTask={(id) => {
            setTask(id);
            setDialog(null);
          }}
        />
      )}
      {dialog === 'issue' && own !== null && (
        <IssueDialog symbol={own.symbol} decimals={own.decimals} onClose={() => setDialog(null)} />
      )}
    </WalletRoom>
  );
}
