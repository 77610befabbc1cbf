import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useCoreWords } from '../../../lib/core-words.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { cx } from '../../../ui/cx.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts, Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';

/** A proxy through which other programs reach the mesh. */
export function SocksSection() {
  const t = useT();
  const format = useFormat();
  const said = useCoreWords();
  const ready = useLink().phase === 'ready';
  const { data: socks, error, refetch } = useAgentQuery('mesh.socks', {}, { everyMs: 5000 });
  const change = useAgentMutation('mesh.setSocks', { quiet: true });
  useWanted('mesh.setSocks', () => document.getElementById('socks')?.scrollIntoView());
  // Shown as asked until the answer is there, so that the switch does not jump back under the finger.
  const on = change.isPending ? change.variables.on : (socks?.on ?? false);
  return (
    <div id="socks">
      <Section title={t('mesh.socks.title')}>
        {!socks ? (
          error && error.code !== 'DISCONNECTED' ? (
            <ErrorPanel error={error} onRetry={() => void refetch()} />
          ) : (
            <Skeleton className="h-16" />
          )
        ) : (
          <div className="flex max-w-[760px] flex-col gap-4">
            <Switch
              checked={on}
              onChange={(wanted) => change.mutate({ on: wanted })}
              label={t('mesh.socks.switch')}
              hint={t('mesh.socks.hint')}
              disabled={!ready || change.isPending}
            />
            {socks.detail && (
              <p className={cx('text-sm', socks.state === 'failed' ? 'text-danger' : 'text-ink-soft')}>
                {said('mesh.said.state', socks.detail)}
              </p>
            )}
            {change.error && <ErrorPanel error={change.error} />}
            {socks.url !== null && (
              <>
                <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
                  <CopyAddress url={socks.url} />
                  <span className="text-sm text-ink-soft">{t('mesh.socks.copyNote')}</span>
                </div>
                <Facts
                  rows={[
                    {
                      label: t('mesh.socks.address'),
                      value: <span className="font-mono">127.0.0.1:{socks.port}</span>,
                    },
                    { label: t('mesh.socks.user'), value: <span className="font-mono">{socks.user}</span> },
                    { label: t('mesh.socks.password'), value: t('mesh.socks.inAddress') },
                    {
                      label: t('mesh.peers.traffic'),
                      value: `${t('mesh.relay.connections', { count: socks.connections })} · ${t('mesh.relay.traffic', { received: format.bytes(socks.received), sent: format.bytes(socks.sent) })}`,
                    },
                  ]}
                />
              </>
            )}
          </div>
        )}
      </Section>
    </div>
  );
}

/** The address holds the password, so it is copied and not shown. */
function CopyAddress({ url }: { url: string }) {
  const t = useT();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      icon={copied ? Check : Copy}
      onClick={() => void navigator.clipboard.writeText(url).then(() => setCopied(true))}
    >
      {copied ? t('common.copied') : t('mesh.socks.copy')}
    </Button>
  );
}
