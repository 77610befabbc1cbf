import { useState } from 'react';
import type { DealView } from '#shared/contract/deals.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button, type ButtonTone } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { DisputeDialog } from './dispute-dialog.tsx';
import { MoneyDialog, type MoneyQuestion } from './money-dialog.tsx';

type Open = MoneyQuestion | 'end' | 'dispute' | null;

/** What can be done with a deal now, as the core says; what cannot is not there. */
export function DealActions({ deal, onTask }: { deal: DealView; onTask: (task: TaskId) => void }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [open, setOpen] = useState<Open>(null);
  const took = { onDone: ({ task }: { task: TaskId }) => onTask(task) };
  const start = useAgentMutation('deals.start', took);
  const settle = useAgentMutation('deals.settle', took);
  const late = useAgentMutation('deals.resolveLate', took);
  const end = useAgentMutation('deals.end', took);
  const can = (method: string) => deal.can.includes(method);
  const tenant = deal.role === 'tenant';
  const button = (method: string, label: string, onClick: () => void, busy = false, tone: ButtonTone = 'plain') =>
    can(method) && (
      <Button tone={tone} disabled={!ready} busy={busy} onClick={onClick}>
        {label}
      </Button>
    );
  const close = () => setOpen(null);
  const id = { deal: deal.id };
  if (deal.can.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {button('deals.start', t('deals.do.start'), () => start.mutate(id), start.isPending, 'primary')}
      {button('deals.topUp', t('deals.do.topUp'), () => setOpen('topUp'), false, 'primary')}
      {button('deals.settle', t('deals.do.settle'), () => settle.mutate(id), settle.isPending)}
      {button('deals.resolveLate', t('deals.do.resolveLate'), () => late.mutate(id), late.isPending)}
      {can('deals.propose') &&
        button('deals.propose', t(deal.state === 'disputed' ? 'deals.do.settlement' : 'deals.do.refund'), () =>
          setOpen(deal.state === 'disputed' ? 'settlement' : 'refund'),
        )}
      {button('deals.dispute', t('deals.do.dispute'), () => setOpen('dispute'))}
      {button('deals.end', t('deals.do.end'), () => setOpen('end'))}
      {open === 'dispute' && <DisputeDialog deal={deal} onTask={onTask} onClose={close} />}
      {(open === 'topUp' || open === 'refund' || open === 'settlement') && (
        <MoneyDialog deal={deal} ask={open} onTask={onTask} onClose={close} />
      )}
      <ConfirmDialog
        open={open === 'end'}
        onOpenChange={(on) => !on && close()}
        title={t('deals.endTitle')}
        description={t(tenant ? 'deals.endTenant' : 'deals.endProvider')}
        action={t('deals.do.end')}
        onConfirm={() => end.mutateAsync(id)}
      />
    </div>
  );
}
