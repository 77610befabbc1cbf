import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useCoreWords } from '../../lib/core-words.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';
import { nodeWords } from '../mesh/words.ts';
import { Panel } from './panels.tsx';

/** Whether this computer is on the mesh, and under which address. */
export function MeshPanel() {
  const t = useT();
  const said = useCoreWords();
  const format = useFormat();
  const { data: status } = useAgentQuery('mesh.status', {});
  const joined = status && status.state !== 'off' && status.state !== 'no-identity';
  const word = status && nodeWords(status);
  return (
    <Panel title={t('home.mesh')} to="/mesh" link={t('common.open')}>
      {!status || !word ? (
        <Skeleton className="h-20" />
      ) : !joined ? (
        <p className="text-ink-soft">{t('home.meshNone')}</p>
      ) : (
        <>
          <State tone={word.tone}>{t(word.word)}</State>
          {status.address !== null && <Copyable value={status.address} what={t('mesh.address.title')} />}
          <p className="text-ink-soft">
            {t('mesh.overview.peers', { count: status.peers.known, connected: format.number(status.peers.connected) })}{' '}
            · {t('mesh.overview.routes', { count: status.routes })}
          </p>
          {status.state === 'failed' && <p className="text-ink-soft">{said('mesh.said.state', status.detail)}</p>}
        </>
      )}
    </Panel>
  );
}
