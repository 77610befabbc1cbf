import type { DealView } from '#shared/contract/deals.ts';
import { useT } from '../../../lib/i18n.ts';
import { State, type Tone } from '../../../ui/state.tsx';

type Act = DealView['acts'][number];
const tone: Readonly<Record<Act['state'], Tone>> = {
  running: 'active',
  waiting: 'waiting',
  undoing: 'attention',
  done: 'ok',
  failed: 'failed',
};

/** Transactions that are being made or came to nothing. Those that are done are in the history. */
export function ActList({ acts }: { acts: readonly Act[] }) {
  const t = useT();
  const shown = acts.filter(({ state }) => state !== 'done');
  if (shown.length === 0) return null;
  return (
    <ul className="flex flex-col gap-2 text-sm">
      {shown.map((act) => (
        <li key={act.id} className="rounded-lg border border-line px-3.5 py-2.5">
          <span className="flex flex-wrap items-center gap-x-3">
            <span className="grow">{act.about}</span>
            <State tone={tone[act.state]}>{t(`deals.act.${act.state}`, { step: act.step, steps: act.steps })}</State>
          </span>
          {act.why !== null && <p className="text-ink-soft">{act.why}</p>}
        </li>
      ))}
    </ul>
  );
}
