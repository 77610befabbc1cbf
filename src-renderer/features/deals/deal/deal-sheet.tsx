import { useState } from 'react';
import type { DealView } from '#shared/contract/deals.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { shortId } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { Facts, Notice } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { dealTone, moneyOf, titleOf } from '../deal-words.ts';
import { Party } from '../party.tsx';
import { ActList } from './act-list.tsx';
import { DealActions } from './deal-actions.tsx';
import { DealHistory } from './deal-history.tsx';
import { Objection } from './objection.tsx';
import { ProposalList } from './proposal-list.tsx';

/** One deal: how it stands, what it costs, what can be done now, and what happened. */
export function DealSheet({ deal, onClose }: { deal: DealView; onClose: () => void }) {
  const t = useT();
  const [task, setTask] = useState<TaskId | null>(null);
  const { token, price, what } = deal.terms;
  const times = [
    ['startBy', deal.startBy],
    ['startedAt', deal.startedAt],
    ['runsOutAt', deal.runsOutAt],
    ['graceUntil', deal.graceUntil],
    ['endsAt', deal.endsAt],
    ['objectUntil', deal.objectUntil],
  ] as const;
  return (
    <Sheet
      open
      width="wide"
      onOpenChange={(open) => !open && onClose()}
      title={titleOf(what) ?? t('deals.unnamed', { id: shortId(deal.id, 6, 4) })}
    >
      <div className="flex flex-col gap-5 px-5 py-4">
        <div className="flex flex-col gap-1">
          <State tone={dealTone[deal.state]}>{t(`deals.state.${deal.state}`)}</State>
          <p>{deal.words}</p>
          {deal.objection !== null && (
            <Objection role={deal.role} state={deal.state} token={token} objection={deal.objection} />
          )}
        </div>
        {!deal.fresh && (
          <Notice tone="attention">
            {t('deals.notFresh')} <Time at={deal.asOf} />
          </Notice>
        )}
        <DealActions deal={deal} onTask={setTask} />
        {task !== null && <TaskPanel key={task} id={task} />}
        <ActList acts={deal.acts} />
        <ProposalList deal={deal} onTask={setTask} />
        <Facts
          rows={[
            { label: t(`deals.other.${deal.role}`), value: <Party party={deal.other} /> },
            {
              label: t('deals.price'),
              value: (
                <span className="flex flex-wrap gap-x-3">
                  <span>
                    <Amount money={moneyOf(token, price.day)} /> {t('deals.per.day')}
                  </span>
                  <span className="text-ink-soft">
                    <Amount money={moneyOf(token, price.month)} /> {t('deals.per.month')}
                  </span>
                </span>
              ),
            },
            { label: t(`deals.cost.${deal.role}`), value: <Amount exact money={moneyOf(token, deal.cost)} /> },
            { label: t('deals.balance'), value: <Amount exact money={moneyOf(token, deal.balance)} /> },
            { label: t('deals.earned'), value: <Amount exact money={moneyOf(token, deal.earned)} /> },
            ...times.flatMap(([key, at]) =>
              at === null ? [] : [{ label: t(`deals.time.${key}`), value: <Time at={at} /> }],
            ),
            { label: t('deals.chain'), value: deal.terms.chainName ?? deal.terms.chain },
            { label: t('deals.id'), value: <Copyable value={deal.id} what={t('deals.id')} /> },
          ]}
        />
        {what !== null && (
          <details className="text-sm">
            <summary className="w-fit rounded-sm">{t('deals.what')}</summary>
            <p className="mt-2 break-words whitespace-pre-wrap">
              <bdi>{what}</bdi>
            </p>
          </details>
        )}
        <DealHistory deal={deal} />
      </div>
    </Sheet>
  );
}
