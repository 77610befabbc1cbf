import { useState } from 'react';
import { type Out, useAgentStream } from '../../../lib/agent/hooks.ts';
import { useCoreWords } from '../../../lib/core-words.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { State } from '../../../ui/state.tsx';
import { formatMs } from '../words.ts';
import { pingSummary } from './summary.ts';

const count = 5;

/** Five pings, each shown as it comes back. */
export function Ping({ target }: { target: string }) {
  const t = useT();
  const said = useCoreWords();
  const format = useFormat();
  const [answers, setAnswers] = useState<readonly Out<'mesh.ping'>[]>([]);
  const { state, failure } = useAgentStream('mesh.ping', { target, count }, (item) =>
    setAnswers((before) => [...before.filter((one) => one.sequence !== item.sequence), item]),
  );
  // Each line has said so already.
  const noneBack = failure?.code === 'NO_ANSWER';
  const sum = pingSummary(answers);
  const ms = (value: number) => formatMs(value, format.number);
  return (
    <Section
      title={t('mesh.diagnose.pingOf', { target })}
      note={answers[0]?.address === target ? undefined : answers[0]?.address}
    >
      <ol aria-label={t('mesh.diagnose.ping')} className="max-w-[560px] text-sm">
        {answers.map((one) => (
          <li
            key={one.sequence}
            className="flex items-center justify-between gap-4 border-b border-line py-1.5 last:border-b-0"
          >
            <State tone={one.ms === null ? 'attention' : 'ok'}>
              {one.ms === null ? t('mesh.diagnose.lost') : t('mesh.diagnose.back')}
            </State>
            <span className={one.ms === null ? 'text-end text-ink-soft' : 'text-end'}>
              {one.ms === null ? said('mesh.said.PING', one.detail) : ms(one.ms)}
            </span>
          </li>
        ))}
      </ol>
      <p role="status" className="pt-3 text-sm text-ink-soft">
        {state === 'open' || state === 'idle'
          ? t('mesh.diagnose.pinging')
          : (state === 'ended' || noneBack) &&
            (sum.back === 0
              ? t('mesh.diagnose.noneBack', { count: sum.sent })
              : t('mesh.diagnose.sum', {
                  back: sum.back,
                  count: sum.sent,
                  least: ms(sum.least),
                  middle: ms(sum.middle),
                  most: ms(sum.most),
                }))}
      </p>
      {failure && !noneBack && <ErrorPanel error={failure} />}
    </Section>
  );
}
