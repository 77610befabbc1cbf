import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Sparkline } from '../../../ui/sparkline.tsx';
import { State } from '../../../ui/state.tsx';
import { Time } from '../../../ui/time.tsx';
import { isAlive, toneOf } from '../machine/actions.ts';
import { ActionsBar } from '../machine/actions-bar.tsx';
import { pointsOf } from '../use/history.ts';
import { useHistory } from '../use/use-history.ts';
import { useSaid } from '../use-said.ts';

const MiB = 1024 * 1024;

/** One machine: how it is, how busy, what can be done. */
export function MachineRow({ machine }: { machine: Machine }) {
  const t = useT();
  const said = useSaid();
  const format = useFormat();
  const { spec, state } = machine;
  const now = machine.running ?? spec;
  const history = useHistory(machine);
  const points = useMemo(() => pointsOf(history), [history]);
  const last = points.at(-1);
  const alive = isAlive(state);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-1 border-b border-line py-3 text-sm min-[1000px]:grid-cols-[minmax(0,1fr)_10.5rem_12rem_11rem]">
      <div className="min-w-0">
        <div className="flex items-center gap-3">
          <Link
            to="/machines/$machine"
            params={{ machine: machine.id }}
            className="truncate rounded-sm text-base font-semibold hover:underline"
          >
            {spec.name}
          </Link>
          <State tone={toneOf(state)}>{t(`machines.state.${state}`)}</State>
        </div>
        <p className="truncate text-ink-soft">
          {spec.image} · {t('machines.cpus', { count: now.cpus })} · {format.bytes(now.memoryMiB * MiB)}
          {machine.startedAt !== null && alive && (
            <>
              {' · '}
              {t('machines.started')} <Time at={machine.startedAt} />
            </>
          )}
          {machine.detail && ` · ${said(machine.detail)}`}
        </p>
      </div>
      <Measure name={t('machines.cpu')} shown={alive} value={last ? format.percent(last.cpu) : '–'}>
        <Sparkline values={points.map((p) => p.cpu)} top={1} />
      </Measure>
      <Measure name={t('machines.memory')} shown={alive} value={last ? format.bytes(last.memory) : '–'}>
        <Sparkline values={points.map((p) => p.memory)} top={Math.max(now.memoryMiB * MiB, last?.memory ?? 0)} />
      </Measure>
      <div className="col-start-2 row-start-1 flex justify-end min-[1000px]:col-start-4">
        <ActionsBar machine={machine} compact />
      </div>
    </li>
  );
}

function Measure({
  name,
  shown,
  value,
  children,
}: {
  name: string;
  shown: boolean;
  value: string;
  children: ReactNode;
}) {
  return (
    <div className="hidden items-center gap-3 min-[1000px]:flex">
      {shown && (
        <>
          {children}
          <span className="whitespace-nowrap">
            <span className="block text-xs text-ink-soft">{name}</span>
            {value}
          </span>
        </>
      )}
    </div>
  );
}
