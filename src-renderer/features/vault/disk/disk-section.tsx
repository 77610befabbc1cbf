import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { Webdav } from '#shared/contract/vault.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { HowToConnect } from './how-to-connect.tsx';

/** How often the number of connections is asked for while somebody looks: no event tells of it. */
const lookMs = 5_000;

/** The vault as a drive of this computer: off, and switched on only after what it means was read. */
export function DiskSection() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data: disk, error, refetch } = useAgentQuery('vault.webdavStatus', {}, { everyMs: lookMs });
  const [asking, setAsking] = useState<'on' | 'password' | null>(null);
  // Held by this page alone, and gone with it: nothing can show the password a second time.
  const [password, setPassword] = useState<string | null>(null);
  const off = useAgentMutation('vault.webdavOff', { quiet: true, onDone: () => setPassword(null) });
  useWanted('vault.webdavOn', () => {
    if (!disk?.on) setAsking('on');
  });
  if (!disk) {
    return error && error.code !== 'DISCONNECTED' ? (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton className="h-40" />
    );
  }
  return (
    <div className="flex flex-col gap-6">
      <Section title={t('vault.disk.title')} note={t('vault.disk.note')} className="border-t-0! pt-1!">
        <div className="flex max-w-3xl flex-col gap-4">
          <Switch
            checked={disk.on && !off.isPending}
            onChange={(on) => (on ? setAsking('on') : off.mutate({}))}
            label={t('vault.disk.switch')}
            hint={t('vault.disk.hint')}
            disabled={!ready || off.isPending}
          />
          {off.error && <ErrorPanel error={off.error} />}
          {disk.problem && (
            <Notice tone="attention">
              <p className="font-medium">{t(`vault.disk.problem.${disk.problem.code}.text`)}</p>
              <p>{t(`vault.disk.problem.${disk.problem.code}.next`)}</p>
            </Notice>
          )}
          {disk.on && <Access disk={disk} password={password} ready={ready} onNew={() => setAsking('password')} />}
        </div>
      </Section>
      {disk.on && disk.address !== null && (
        <Section title={t('vault.disk.how')}>
          <HowToConnect address={disk.address} />
        </Section>
      )}
      {asking && (
        <AskDialog
          kind={asking}
          onDone={(made) => {
            if (made !== null) setPassword(made);
            setAsking(null);
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

/** Where it is, and what lets in. */
function Access({
  disk,
  password,
  ready,
  onNew,
}: {
  disk: Webdav;
  password: string | null;
  ready: boolean;
  onNew: () => void;
}) {
  const t = useT();
  return (
    <>
      <Facts
        rows={[
          {
            label: t('vault.disk.address'),
            value: disk.address ? (
              <Copyable whole value={disk.address} what={t('vault.disk.address')} />
            ) : (
              t('common.none')
            ),
          },
          { label: t('vault.disk.user'), value: <Copyable whole value={disk.user} what={t('vault.disk.user')} /> },
          {
            label: t('vault.disk.password'),
            value: password ? (
              <Copyable whole value={password} what={t('vault.disk.password')} />
            ) : (
              <span className="text-ink-soft">{t('vault.disk.passwordGone')}</span>
            ),
          },
          { label: t('vault.disk.connections'), value: t('vault.disk.open', { count: disk.connections }) },
        ]}
      />
      {password && <Notice tone="attention">{t('vault.disk.passwordOnce')}</Notice>}
      <div>
        <Button icon={KeyRound} disabled={!ready} onClick={onNew}>
          {t('vault.disk.newPassword')}
        </Button>
      </div>
    </>
  );
}
