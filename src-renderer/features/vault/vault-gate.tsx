import { type ReactNode, useState } from 'react';
import type { VaultStatus } from '#shared/contract/vault.ts';
import { Page, type PageProps } from '../../app/frame/page.tsx';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { SetupPanel } from './setup/setup-panel.tsx';
import { WaitingPanel } from './setup/waiting-panel.tsx';
import { useFreshLook } from './use-fresh-look.ts';

/** Shows a page of the vault once there is one that is open; until then, what is missing and how to get on. */
export function VaultGate({
  children,
  ...page
}: Omit<PageProps, 'title' | 'children'> & { children: (status: VaultStatus) => ReactNode }) {
  const t = useT();
  const away = useLink().phase !== 'ready';
  const { data, error, refetch } = useAgentQuery('vault.status', {});
  useFreshLook(data);
  const [anew, setAnew] = useState(false);
  const title = t('vault.title');
  if (data?.state === 'ready') {
    return (
      <Page {...page} title={title}>
        {children(data)}
      </Page>
    );
  }
  return (
    <Page title={title}>
      {data?.state === 'none' ? (
        data.found?.missing && !anew ? (
          <WaitingPanel missing={data.found.missing} onAnew={() => setAnew(true)} />
        ) : (
          <SetupPanel found={data.found?.missing ? 0 : (data.found?.places ?? 0)} />
        )
      ) : data?.state === 'locked' || error?.code === 'LOCKED' ? (
        <EmptyState title={t('vault.locked.title')}>{t('vault.locked.text')}</EmptyState>
      ) : error ? (
        away ? (
          <EmptyState title={t('vault.away.title')}>{t('vault.away.text')}</EmptyState>
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Skeleton className="h-40" />
      )}
    </Page>
  );
}
