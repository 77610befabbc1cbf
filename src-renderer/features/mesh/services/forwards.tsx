import { ExternalLink, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Forward } from '#shared/contract/mesh/index.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { AddForwardDialog } from './add-forward.tsx';
import { webAddress } from './ports.ts';
import { RelayRow } from './relay-row.tsx';

/** Services of others, brought to ports of this computer. */
export function Forwards() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('mesh.forwards', {}, { everyMs: 5000 });
  const [adding, setAdding] = useState(false);
  useWanted('mesh.forward', () => setAdding(true));
  return (
    <Section
      className="border-t-0 pt-0"
      title={t('mesh.forwards.title')}
      note={t('mesh.forwards.note')}
      actions={
        <Button icon={Plus} disabled={!ready} onClick={() => setAdding(true)}>
          {t('mesh.forwards.add')}
        </Button>
      }
    >
      {!data ? (
        error && error.code !== 'DISCONNECTED' ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton className="h-16" />
        )
      ) : data.forwards.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('mesh.forwards.none')}</p>
      ) : (
        <ul aria-label={t('mesh.forwards.title')} className="border-t border-line">
          {data.forwards.map((forward) => (
            <ForwardRow key={forward.id} forward={forward} ready={ready} />
          ))}
        </ul>
      )}
      {adding && <AddForwardDialog onClose={() => setAdding(false)} />}
    </Section>
  );
}

function ForwardRow({ forward, ready }: { forward: Forward; ready: boolean }) {
  const t = useT();
  const name = `${forward.target.includes(':') ? `[${forward.target}]` : forward.target}:${forward.port}`;
  const stop = useAgentMutation('mesh.unforward', { done: () => t('mesh.forwards.stopped', { name }) });
  const address = webAddress(forward.port, forward.localPort);
  return (
    <RelayRow
      relay={forward}
      title={name}
      where={
        forward.localPort === null ? null : (
          <Copyable value={`127.0.0.1:${forward.localPort}`} what={t('mesh.forwards.address')} whole />
        )
      }
      actions={
        <>
          {address && (
            <a
              href={address}
              target="_blank"
              rel="noreferrer"
              className="inline-flex h-8 items-center gap-2 rounded-md px-2.5 text-sm font-medium hover:bg-hover"
            >
              <ExternalLink aria-hidden className="size-4" strokeWidth={1.75} />
              {t('mesh.forwards.open')}
            </a>
          )}
          <IconButton
            icon={Trash2}
            label={t('mesh.forwards.stop', { name })}
            disabled={!ready || stop.isPending}
            onClick={() => stop.mutate({ forward: forward.id })}
          />
        </>
      }
    />
  );
}
