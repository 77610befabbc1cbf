import { useState } from 'react';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts, Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { HttpApiDialog } from './http-api-dialog.tsx';

/** The Mycelium daemon's HTTP API: off, and switched on only after the warning was read. */
export function HttpApiSection() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data: api, error, refetch } = useAgentQuery('mesh.httpApi', {});
  const [asking, setAsking] = useState(false);
  const off = useAgentMutation('mesh.setHttpApi', { quiet: true });
  useWanted('mesh.setHttpApi', () => setAsking(true));
  return (
    <Section title={t('mesh.http.title')} note={t('mesh.http.note')}>
      {!api ? (
        error && error.code !== 'DISCONNECTED' ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : (
          <Skeleton className="h-16" />
        )
      ) : (
        <div className="flex flex-col gap-4">
          <Switch
            checked={api.on && !off.isPending}
            onChange={(on) => (on ? setAsking(true) : off.mutate({ on: false }))}
            label={t('mesh.http.switch')}
            hint={t('mesh.http.hint')}
            disabled={!ready || off.isPending}
          />
          {api.detail && <p className="text-sm text-ink-soft">{api.detail}</p>}
          {off.error && <ErrorPanel error={off.error} />}
          {api.on && (
            <>
              <Facts
                rows={[
                  {
                    label: t('mesh.http.at'),
                    value:
                      api.port === null ? (
                        t('common.unknown')
                      ) : (
                        <span className="font-mono">{`http://127.0.0.1:${api.port}`}</span>
                      ),
                  },
                  { label: t('mesh.http.passing'), value: api.topics.join(', ') || t('common.none') },
                ]}
              />
              <div>
                <Button disabled={!ready} onClick={() => setAsking(true)}>
                  {t('mesh.http.change')}
                </Button>
              </div>
            </>
          )}
        </div>
      )}
      {asking && api && <HttpApiDialog api={api} onClose={() => setAsking(false)} />}
    </Section>
  );
}
