import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Exposure } from '#shared/contract/mesh/index.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { AddExposureDialog } from './add-exposure.tsx';
import { RelayRow } from './relay-row.tsx';

/** Services of this computer, offered to those who are named. */
export function Exposures({ address }: { address: string | null }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('mesh.exposures', {}, { everyMs: 5000 });
  const [adding, setAdding] = useState(false);
  useWanted('mesh.expose', () => setAdding(true));
  return (
    <Section
      title={t('mesh.offers.title')}
      note={t('mesh.offers.note')}
      actions={
        <Button icon={Plus} disabled={!ready} onClick={() => setAdding(true)}>
          {t('mesh.offers.add')}
        </Button>
      }
    >
      {!data ? (
        error && error.code !== 'DISCONNECTED' ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton className="h-16" />
        )
      ) : data.exposures.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('mesh.offers.none')}</p>
      ) : (
        <ul aria-label={t('mesh.offers.title')} className="border-t border-line">
          {data.exposures.map((exposure) => (
            <ExposureRow key={exposure.id} exposure={exposure} address={address} ready={ready} />
          ))}
        </ul>
      )}
      {adding && <AddExposureDialog onClose={() => setAdding(false)} />}
    </Section>
  );
}

function ExposureRow({ exposure, address, ready }: { exposure: Exposure; address: string | null; ready: boolean }) {
  const t = useT();
  const name = `127.0.0.1:${exposure.localPort}`;
  const stop = useAgentMutation('mesh.unexpose', { done: () => t('mesh.offers.stopped', { name }) });
  const everybody = exposure.allow.length === 1 && exposure.allow[0] === 'everybody';
  return (
    <RelayRow
      relay={exposure}
      title={name}
      where={address && <Copyable value={`[${address}]:${exposure.port}`} what={t('mesh.offers.address')} whole />}
      note={
        <p className={everybody ? 'text-attention' : 'wrap-anywhere'}>
          {everybody ? t('mesh.offers.everybody') : t('mesh.offers.to', { who: exposure.allow.join(', ') })}
        </p>
      }
      actions={
        <IconButton
          icon={Trash2}
          label={t('mesh.offers.stop', { name })}
          disabled={!ready || stop.isPending}
          onClick={() => stop.mutate({ exposure: exposure.id })}
        />
      }
    />
  );
}
