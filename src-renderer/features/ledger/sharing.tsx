import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { Switch } from '../../ui/choice.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

/** Who may look at the own ledger over the mesh: everybody one knows, or some of them; and the link that names it. */
export function Sharing() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('ledger.shared', {});
  const { data: known } = useAgentQuery('contacts.list', {});
  const share = useAgentMutation('ledger.share');
  const unshare = useAgentMutation('ledger.unshare');
  const people = (known?.contacts ?? []).filter(({ blocked, state }) => !blocked && state === 'known');
  const busy = !ready || share.isPending || unshare.isPending;
  return (
    <Section title={t('ledger.sharing.title')} note={t('ledger.sharing.note')}>
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-24" />
      ) : (
        <div className="flex max-w-[560px] flex-col gap-3">
          <Switch
            checked={data.everyone}
            disabled={busy}
            label={t('ledger.sharing.everyone')}
            hint={t('ledger.sharing.everyoneHint')}
            onChange={(on) => (on ? share : unshare).mutate({ everyone: true })}
          />
          {!data.everyone &&
            people.map(({ id, petname }) => {
              const shared = data.contacts.find(({ contact }) => contact === id);
              return (
                <Switch
                  key={id}
                  checked={shared !== undefined}
                  disabled={busy}
                  label={<bdi>{petname}</bdi>}
                  {...(shared?.connected ? { hint: t('ledger.sharing.connected') } : {})}
                  onChange={(on) => (on ? share : unshare).mutate({ with: [id] })}
                />
              );
            })}
          {data.link !== null && (
            <div className="text-sm">
              <p className="font-medium">{t('ledger.sharing.link')}</p>
              <p className="text-ink-soft">{t('ledger.sharing.linkNote')}</p>
              <Copyable value={data.link} what={t('ledger.sharing.link')} className="mt-1" />
            </div>
          )}
        </div>
      )}
    </Section>
  );
}
