import type { ReactNode } from 'react';
import type { Exposure, Forward } from '#shared/contract/mesh/index.ts';
import { useCoreWords } from '../../../lib/core-words.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { State } from '../../../ui/state.tsx';
import { relayWords } from '../words.ts';

/** One service on its way: what, where, how it is and how much goes over it. */
export function RelayRow({
  relay,
  title,
  where,
  note,
  actions,
}: {
  relay: Forward | Exposure;
  title: string;
  where: ReactNode;
  note?: ReactNode;
  actions: ReactNode;
}) {
  const t = useT();
  const said = useCoreWords();
  const format = useFormat();
  const { tone, word } = relayWords[relay.state];
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-5 gap-y-1 border-b border-line py-3 text-sm min-[1100px]:grid-cols-[minmax(0,1fr)_12rem_9rem]">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <bdi className="font-mono text-sm font-medium wrap-anywhere">{title}</bdi>
          <State tone={tone}>{t(word)}</State>
        </p>
        {where}
        {note}
        {relay.detail && (
          <p className={relay.state === 'failed' ? 'text-danger' : 'text-ink-soft'}>
            {said('mesh.said.state', relay.detail)}
          </p>
        )}
      </div>
      <p className="text-ink-soft max-[1099px]:col-start-1 max-[1099px]:row-start-2">
        {t('mesh.relay.connections', { count: relay.connections })}
        <span className="block">
          {t('mesh.relay.traffic', { received: format.bytes(relay.received), sent: format.bytes(relay.sent) })}
        </span>
      </p>
      <div className="col-start-2 row-start-1 flex items-center justify-end gap-1 min-[1100px]:col-start-3">
        {actions}
      </div>
    </li>
  );
}
