import { useState } from 'react';
import { type Out, useAgentStream } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { formatMs } from '../words.ts';

/** The way there, hop by hop, with what each costs. */
export function Trace({ target }: { target: string }) {
  const t = useT();
  const format = useFormat();
  const [hops, setHops] = useState<readonly Out<'mesh.trace'>[]>([]);
  const { state, failure } = useAgentStream('mesh.trace', { target }, (item) =>
    setHops((before) => [...before.filter((one) => one.hop !== item.hop), item]),
  );
  const top = Math.max(1, ...hops.map((hop) => hop.ms ?? 0));
  return (
    <Section title={t('mesh.diagnose.traceOf', { target })} note={t('mesh.diagnose.traceNote')}>
      <ol aria-label={t('mesh.diagnose.trace')} className="max-w-[820px] text-sm">
        {hops.map((hop) => (
          <li
            key={hop.hop}
            className="grid grid-cols-[2rem_minmax(0,1fr)_auto] items-baseline gap-x-3 border-b border-line py-2 last:border-b-0 min-[700px]:grid-cols-[2rem_minmax(0,1fr)_6rem_5rem_7rem]"
          >
            <span className="text-ink-soft">{format.number(hop.hop)}</span>
            <span className="min-w-0">
              {hop.name && <bdi className="me-2 font-medium">{hop.name}</bdi>}
              {hop.address === null ? (
                <span className="text-ink-soft">{t('mesh.diagnose.silentHop')}</span>
              ) : (
                <bdi
                  className={
                    hop.name ? 'font-mono text-xs wrap-anywhere text-ink-soft' : 'font-mono text-xs wrap-anywhere'
                  }
                >
                  {hop.address}
                </bdi>
              )}
            </span>
            <span
              aria-hidden
              className="h-1.5 self-center rounded-full bg-accent max-[699px]:hidden"
              style={{ width: `${((hop.ms ?? 0) / top) * 100}%` }}
            />
            <span className="text-end">{hop.ms === null ? '–' : formatMs(hop.ms, format.number)}</span>
            <span className="text-end text-ink-soft max-[699px]:col-start-2 max-[699px]:text-start">
              {hop.cost !== null && t('mesh.map.costs', { cost: format.number(hop.cost) })}
            </span>
          </li>
        ))}
      </ol>
      <p role="status" className="pt-3 text-sm text-ink-soft">
        {state === 'open' || state === 'idle'
          ? t('mesh.diagnose.tracing')
          : state === 'ended' && t('mesh.diagnose.traced', { count: hops.length })}
      </p>
      {failure && <ErrorPanel error={failure} />}
    </Section>
  );
}
