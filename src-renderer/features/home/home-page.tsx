import { ArrowRight } from 'lucide-react';
import { Suspense, useState } from 'react';
import { Page } from '../../app/frame/page.tsx';
import { lazyPage } from '../../app/lazy-page.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { LinkButton, TextLink } from '../../ui/link-button.tsx';
import { Notice, Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ActivityList } from '../activity/activity-list.tsx';
import { MeshPanel } from './mesh-panel.tsx';
import { IdentityPanel, MachinesPanel, VaultPanel } from './panels.tsx';
import { nextStepOf, truthOf } from './truth.ts';

const ConfirmPhraseDialog = lazyPage(async () => (await import('../identity/confirm-phrase.tsx')).ConfirmPhraseDialog);
const toneClass = { calm: '', attention: 'text-attention', danger: 'text-danger' } as const;

/** Is everything all right? One sentence, one next step, then the rooms at a glance and what happened lately. */
export function HomePage() {
  const t = useT();
  const identity = useAgentQuery('identity.status', {});
  const vault = useAgentQuery('vault.status', {});
  const machines = useAgentQuery('machines.list', {});
  const activity = useAgentQuery('activity.list', { limit: 8 });
  const info = useAgentQuery('system.info', {});
  const setup = useAgentMutation('vault.setup');
  const configure = useAgentMutation('system.configure');
  const [confirming, setConfirming] = useState(false);
  const error = identity.error ?? vault.error ?? machines.error;
  const ready = identity.data && vault.data && machines.data;
  const list = machines.data?.machines ?? [];
  const truth = ready && truthOf(identity.data, vault.data, list);
  const next = ready && nextStepOf(identity.data, vault.data, list);

  const here = useLink().phase === 'ready';

  const doNext = () => {
    if (next?.key === 'home.next.identity') configure.mutate({ onboarded: false });
    else setup.mutate({});
  };

  return (
    <Page title={t('home.title')} width="normal">
      {error && error.code !== 'DISCONNECTED' && !ready ? (
        <ErrorPanel
          error={error}
          onRetry={() => void Promise.all([identity.refetch(), vault.refetch(), machines.refetch()])}
        />
      ) : (
        <>
          <div className="min-h-[108px] pt-2 pb-7">
            {truth && !here && <p className="text-sm text-ink-soft">{t('home.asLastKnown')}</p>}
            {truth ? (
              <p className={cx('max-w-[760px] text-2xl font-semibold text-balance', toneClass[truth.tone])}>
                {t(truth.key, {
                  ...truth.values,
                  ...(truth.values?.files === undefined
                    ? {}
                    : { files: t('common.files', { count: truth.values.files }) }),
                })}
              </p>
            ) : (
              <Skeleton className="h-[34px] w-[420px] max-w-full" />
            )}
            {next && here && (
              <div className="mt-4">
                {next.path === '' ? (
                  <Button tone="primary" busy={setup.isPending || configure.isPending} onClick={doNext}>
                    {t(next.key)}
                  </Button>
                ) : (
                  <LinkButton tone="primary" to={next.path}>
                    {t(next.key)}
                  </LinkButton>
                )}
              </div>
            )}
          </div>
          <div className="flex flex-col gap-3 pb-6 empty:hidden">
            {info.data?.notices.map((notice) => (
              <Notice key={notice.code} tone="attention">
                {notice.text}
              </Notice>
            ))}
            {identity.data?.person && !identity.data.person.phraseConfirmed && (
              <Notice
                tone="attention"
                action={<Button onClick={() => setConfirming(true)}>{t('onboarding.reminder.action')}</Button>}
              >
                {t('onboarding.reminder.text')}
              </Notice>
            )}
          </div>
          <div className="grid gap-x-8 gap-y-8 min-[700px]:grid-cols-2 min-[1300px]:grid-cols-4">
            <VaultPanel status={vault.data} />
            <MachinesPanel machines={machines.data?.machines} />
            <MeshPanel />
            <IdentityPanel status={identity.data} />
          </div>
          <Section
            title={t('home.recent')}
            className="mt-8"
            actions={
              <TextLink to="/activity" className="inline-flex items-center gap-1 text-sm">
                {t('home.allActivity')}
                <ArrowRight aria-hidden className="size-3.5 rtl:rotate-180" strokeWidth={1.75} />
              </TextLink>
            }
          >
            <ActivityList entries={activity.data?.entries} label={t('home.recent')} />
          </Section>
        </>
      )}
      {confirming && (
        <Suspense fallback={null}>
          <ConfirmPhraseDialog onClose={() => setConfirming(false)} />
        </Suspense>
      )}
    </Page>
  );
}
