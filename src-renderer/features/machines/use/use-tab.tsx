import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Switch } from '../../../ui/choice.tsx';
import { isAlive } from '../machine/actions.ts';
import { pointsOf } from './history.ts';
import { useHistory } from './use-history.ts';

const Chart = lazy(() => import('../../../ui/chart.tsx'));
const MiB = 1024 * 1024;

/** What a machine uses, in numbers that are measured and lines of the last five minutes. */
export function UseTab({ machine }: { machine: Machine }) {
  const t = useT();
  const format = useFormat();
  const [axes, setAxes] = useState(false);
  const history = useHistory(machine);
  const points = useMemo(() => pointsOf(history), [history]);
  const times = useMemo(() => points.map((p) => p.at / 1000), [points]);
  const last = points.at(-1);
  const sample = history.at(-1);
  if (!isAlive(machine.state) && !last) return <p className="text-sm text-ink-soft">{t('machines.use.stopped')}</p>;
  if (!last || !sample) return <p className="text-sm text-ink-soft">{t('machines.use.soon')}</p>;
  // Measured against what it runs with, which a resize changes only at its next start.
  const now = machine.running ?? machine.spec;
  const rate = (value: number) => t('common.perSecond', { value: format.bytes(value) });
  const line = (label: string, role: string, pick: (p: (typeof points)[number]) => number) => ({
    label,
    role,
    values: points.map(pick),
  });
  const shared = { times, axes, time: format.time };
  return (
    <div className="flex flex-col gap-4">
      <div className="max-w-48">
        <Switch checked={axes} onChange={setAxes} label={t('machines.use.axes')} />
      </div>
      <div className="grid grid-cols-1 gap-x-8 gap-y-5 min-[1000px]:grid-cols-2">
        <Measure
          name={t('machines.cpu')}
          value={format.percent(last.cpu)}
          note={t('machines.use.cpuNote', { count: now.cpus })}
        >
          <Chart {...shared} lines={[line('', 'accent', (p) => p.cpu)]} top={1} format={format.percent} />
        </Measure>
        <Measure
          name={t('machines.memory')}
          value={format.bytes(last.memory)}
          note={
            sample.guestMemory === null
              ? t('machines.use.memoryNote', { size: format.bytes(now.memoryMiB * MiB) })
              : t('machines.use.guestMemory', {
                  used: format.bytes(sample.guestMemory),
                  size: format.bytes(now.memoryMiB * MiB),
                })
          }
        >
          <Chart
            {...shared}
            lines={[line('', 'accent', (p) => p.memory)]}
            top={Math.max(now.memoryMiB * MiB, last.memory)}
            format={format.bytes}
          />
        </Measure>
        <Measure
          name={t('machines.disk')}
          value={t('machines.use.diskRates', { read: rate(last.diskRead), written: rate(last.diskWritten) })}
          note={t('machines.use.diskNote', {
            read: format.bytes(sample.diskRead),
            written: format.bytes(sample.diskWritten),
          })}
        >
          <Chart
            {...shared}
            lines={[line('', 'accent', (p) => p.diskRead), line('', 'link', (p) => p.diskWritten)]}
            format={rate}
          />
        </Measure>
        <Measure
          name={t('machines.network')}
          value={t('machines.use.netRates', { received: rate(last.netReceived), sent: rate(last.netSent) })}
          note={t('machines.use.netNote', {
            received: format.bytes(sample.netReceived),
            sent: format.bytes(sample.netSent),
          })}
        >
          <Chart
            {...shared}
            lines={[line('', 'accent', (p) => p.netReceived), line('', 'link', (p) => p.netSent)]}
            format={rate}
          />
        </Measure>
      </div>
      <p className="text-sm text-ink-soft">{t('machines.use.diskUsed', { size: format.bytes(machine.diskUsed) })}</p>
    </div>
  );
}

function Measure({ name, value, note, children }: { name: string; value: string; note: string; children: ReactNode }) {
  return (
    <section aria-label={name} className="min-w-0 border-t border-line pt-3">
      <div className="mb-2 flex items-baseline justify-between gap-3 text-sm">
        <h2 className="text-sm font-semibold">{name}</h2>
        <span className="truncate">{value}</span>
      </div>
      <Suspense fallback={<div className="h-12" />}>{children}</Suspense>
      <p className="mt-1 text-xs text-ink-soft">{note}</p>
    </section>
  );
}
