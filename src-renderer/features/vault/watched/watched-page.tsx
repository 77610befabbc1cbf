import { FolderSync } from 'lucide-react';
import { useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { WatchDialog } from './watch-dialog.tsx';
import { WatchedFolder } from './watched-folder.tsx';

export function WatchedPage() {
  return (
    <VaultGate>
      {() => (
        <>
          <VaultNav here="watched" />
          <WatchedFolders />
        </>
      )}
    </VaultGate>
  );
}

/** Directories of this computer that follow the vault, and the vault them. */
export function WatchedFolders() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('vault.watched', {});
  const [adding, setAdding] = useState(false);
  useWanted('vault.watch', () => setAdding(true));
  if (!data) {
    return error && error.code !== 'DISCONNECTED' ? (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton className="h-40" />
    );
  }
  const add = (
    <Button icon={FolderSync} disabled={!ready} onClick={() => setAdding(true)}>
      {t('vault.watched.add')}
    </Button>
  );
  return (
    <>
      {data.folders.length === 0 ? (
        <EmptyState title={t('vault.watched.empty')} action={add}>
          {t('vault.watched.emptyText')}
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-6">
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="text-sm text-ink-soft">{t('vault.watched.note')}</p>
            {add}
          </div>
          {data.folders.map((folder) => (
            <WatchedFolder key={folder.id} folder={folder} ready={ready} />
          ))}
        </div>
      )}
      {adding && <WatchDialog onClose={() => setAdding(false)} />}
    </>
  );
}
