import { useState } from 'react';
import type { OfferView } from '#shared/contract/deals.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { shortId } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Button } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { Sheet } from '../../../ui/sheet.tsx';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { moneyOf, offerTone, titleOf } from '../deal-words.ts';
import { Party } from '../party.tsx';
import { AcceptForm } from './accept-form.tsx';

/** One offer, read out: what it says, what speaks against it, and the form that accepts it. */
export function OfferSheet({ offer, onClose }: { offer: OfferView; onClose: () => void }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [task, setTask] = useState<TaskId | null>(null);
  const takeBack = useAgentMutation('deals.takeBack', { onDone: ({ task }) => setTask(task) });
  const dismiss = useAgentMutation('deals.dismiss', { onDone: onClose });
  const made = offer.role === 'made';
  const open = offer.state === 'open';
  const { terms } = offer;
  const other = made ? offer.tenant : offer.provider;
  return (
    <Sheet
      open
      width="wide"
      onOpenChange={(on) => !on && onClose()}
      title={titleOf(terms.what) ?? t('deals.unnamed', { id: shortId(offer.id, 6, 4) })}
      footer={
        made ? (
          open && (
            <Button disabled={!ready} busy={takeBack.isPending} onClick={() => takeBack.mutate({ offer: offer.id })}>
              {t('deals.do.takeBack')}
            </Button>
          )
        ) : (
          <Button disabled={!ready} busy={dismiss.isPending} onClick={() => dismiss.mutate({ offer: offer.id })}>
            {t('deals.do.dismiss')}
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-5 px-5 py-4">
        <State tone={offerTone[offer.state]}>{t(`deals.offerState.${offer.state}`)}</State>
        {offer.problems.length > 0 && (
          <Notice tone="danger">
            <p className="font-semibold">{t('deals.problems')}</p>
            <ul className="list-disc ps-5">
              {offer.problems.map((problem) => (
                <li key={problem}>{problem}</li>
              ))}
            </ul>
          </Notice>
        )}
        {terms.what !== null && (
          <p className="break-words whitespace-pre-wrap">
            <bdi>{terms.what}</bdi>
          </p>
        )}
        <Section title={t('deals.says')}>
          <ul className="flex list-disc flex-col gap-1 ps-5 text-sm">
            {offer.words.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Section>
        <Facts
          rows={[
            {
              label: t(made ? 'deals.column.to' : 'deals.column.from'),
              value: other === null ? t('deals.anybody') : <Party party={other} />,
            },
            {
              label: t('deals.price'),
              value: (
                <span className="flex flex-wrap gap-x-3">
                  {(['hour', 'day', 'month'] as const).map((per) => (
                    <span key={per}>
                      <Amount money={moneyOf(terms.token, terms.price[per])} /> {t(`deals.per.${per}`)}
                    </span>
                  ))}
                </span>
              ),
            },
            { label: t('deals.leastDeposit'), value: <Amount exact money={moneyOf(terms.token, offer.minDeposit)} /> },
            { label: t('deals.chain'), value: terms.chainName ?? terms.chain },
            { label: t('deals.column.goodUntil'), value: <Time at={offer.expiresAt} /> },
            ...(offer.left === null || offer.times === 1
              ? []
              : [{ label: t('deals.left'), value: t('deals.leftOf', { left: offer.left, times: offer.times }) }]),
          ]}
        />
        {made && (
          <div className="text-sm">
            <p className="font-medium">{t('deals.handOver')}</p>
            <p className="text-ink-soft">{t(offer.tenant === null ? 'deals.handOverAny' : 'deals.handOverText')}</p>
            <Copyable value={offer.link} what={t('deals.offerLink')} className="mt-1" />
          </div>
        )}
        {!made && open && task === null && <AcceptForm offer={offer} onTask={setTask} />}
        {task !== null && <TaskPanel key={task} id={task} />}
      </div>
    </Sheet>
  );
}
