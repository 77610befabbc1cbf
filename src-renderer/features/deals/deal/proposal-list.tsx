import type { DealView } from '#shared/contract/deals.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';

type Proposal = DealView['proposals'][number];
const tone: Readonly<Record<Proposal['state'], Tone>> = {
  open: 'attention',
  confirmed: 'ok',
  declined: 'idle',
  done: 'ok',
  over: 'idle',
};

/** What one side signed and the other may sign too. */
export function ProposalList({ deal, onTask }: { deal: DealView; onTask: (task: TaskId) => void }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const confirm = useAgentMutation('deals.confirm', { onDone: ({ task }) => onTask(task) });
  const decline = useAgentMutation('deals.decline');
  if (deal.proposals.length === 0) return null;
  return (
    <ul aria-label={t('deals.proposals')} className="flex flex-col gap-2 text-sm">
      {deal.proposals.map((proposal) => (
        <li key={proposal.id} className="rounded-lg border border-line px-3.5 py-2.5">
          <p>{proposal.words}</p>
          <p className="flex flex-wrap items-center gap-x-3 text-ink-soft">
            <State tone={tone[proposal.state]}>{t(`deals.proposal.${proposal.state}`)}</State>
            <span>
              {t(`deals.proposalBy.${proposal.by}`)} <Time at={proposal.at} />
            </span>
          </p>
          {proposal.by === 'other' && proposal.state === 'open' && (
            <div className="mt-2 flex flex-wrap gap-2">
              <Button
                tone="primary"
                disabled={!ready}
                busy={confirm.isPending}
                onClick={() => confirm.mutate({ proposal: proposal.id })}
              >
                {t('deals.do.confirm')}
              </Button>
              <Button
                disabled={!ready}
                busy={decline.isPending}
                onClick={() => decline.mutate({ proposal: proposal.id })}
              >
                {t('deals.do.decline')}
              </Button>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
