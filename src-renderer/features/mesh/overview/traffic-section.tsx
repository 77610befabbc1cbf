import { lazy, Suspense, useMemo } from 'react';
import type { MeshStatus, TrafficSample } from '#shared/contract/mesh/index.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';

const Chart = lazy(() => import('../../../ui/chart.tsx'));
const none: readonly TrafficSample[] = [];

/** What went through this node in the last ten minutes: its own and what it carried for others. */
export function TrafficSection({ status }: { status: MeshStatus }) {
  const t = useT();
  const format = useFormat();
  const { data, error, refetch } = useAgentQuery('mesh.traffic', {}, { everyMs: 2000 });
  const samples = data?.samples ?? none;
  const times = useMemo(() => samples.map((sample) => sample.at / 1000), [samples]);
  const received = useMemo(() => samples.map((sample) => sample.received), [samples]);
  const sent = useMemo(() => samples.map((sample) => sample.sent), [samples]);
  const rate = (value: number) => t('common.perSecond', { value: format.bytes(value) });
  return (
    <Section
      title={t('mesh.traffic.title')}
      note={t('mesh.traffic.since', {
        received: format.bytes(status.received),
        sent: format.bytes(status.sent),
      })}
    >
      {error && !data && error.code !== 'DISCONNECTED' ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <>
          <p className="mb-2 flex flex-wrap gap-x-6 gap-y-1 text-sm">
            <Line colour="accent">{t('mesh.traffic.in', { rate: rate(received.at(-1) ?? 0) })}</Line>
            <Line colour="link">{t('mesh.traffic.out', { rate: rate(sent.at(-1) ?? 0) })}</Line>
          </p>
          <div className="h-[168px]">
            <Suspense fallback={null}>
              {samples.length > 1 ? (
                <Chart
                  axes
                  times={times}
                  lines={[
                    { label: '', role: 'accent', values: received },
                    { label: '', role: 'link', values: sent },
                  ]}
                  format={rate}
                  time={format.time}
                />
              ) : (
                data && <p className="pt-16 text-center text-sm text-ink-soft">{t('mesh.traffic.soon')}</p>
              )}
            </Suspense>
          </div>
        </>
      )}
    </Section>
  );
}

/** Which line it is: by its colour, its place and its words. */
function Line({ colour, children }: { colour: 'accent' | 'link'; children: string }) {
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className={colour === 'accent' ? 'h-0.5 w-4 bg-accent' : 'h-0.5 w-4 bg-link'} />
      {children}
    </span>
  );
}
