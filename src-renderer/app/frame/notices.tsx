import { useAgent, useLink } from '../../lib/agent/provider.tsx';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/panel.tsx';

/** What stands above every page while it is so: the agent is away. */
export function Notices() {
  const t = useT();
  const format = useFormat();
  const { link } = useAgent();
  const state = useLink();
  if (state.phase !== 'away') return null;
  return (
    <div className="pb-4" role="status">
      <Notice tone="attention" action={<Button onClick={() => link.retryNow()}>{t('frame.away.retry')}</Button>}>
        <p className="font-medium">{t('frame.away.title', { time: format.time(state.since) })}</p>
        <p>{t('frame.away.text')}</p>
      </Notice>
    </div>
  );
}
