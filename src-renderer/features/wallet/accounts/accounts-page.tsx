import { Eye, KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { WalletAccount } from '#shared/contract/wallet/accounts.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { WalletRoom } from '../wallet-room.tsx';
import { AccountDialog, type AccountQuestion } from './account-dialog.tsx';
import { AccountTable } from './account-table.tsx';
import { AddressBook } from './address-book.tsx';

/** The accounts of a person: those of the phrase, those that were brought in, those that are only watched. */
export function AccountsPage() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('wallet.accounts', {});
  const removed = useAgentQuery('wallet.accounts', { removed: true });
  const [asking, setAsking] = useState<AccountQuestion | null>(null);
  const restore = useAgentMutation('wallet.restoreAccount', {
    onDone: () => void removed.refetch(),
  });
  useWanted('wallet.addAccount', () => setAsking({ kind: 'add' }));
  useWanted('wallet.importKey', () => setAsking({ kind: 'import' }));
  useWanted('wallet.watch', () => setAsking({ kind: 'watch' }));
  const gone: readonly WalletAccount[] = removed.data?.accounts ?? [];
  return (
    <WalletRoom
      here="accounts"
      action={
        <Button tone="primary" icon={Plus} disabled={!ready} onClick={() => setAsking({ kind: 'add' })}>
          {t('wallet.accounts.add')}
        </Button>
      }
    >
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-48" />
      ) : (
        <div className="flex flex-col gap-8">
          {data.accounts.length === 0 ? (
            <EmptyState title={t('wallet.accounts.empty')}>{t('wallet.accounts.emptyText')}</EmptyState>
          ) : (
            <AccountTable accounts={data.accounts} onRename={(account) => setAsking({ kind: 'rename', account })} />
          )}
          <AddressBook />
          <Section title={t('wallet.accounts.others')} note={t('wallet.accounts.othersNote')}>
            <div className="flex flex-wrap gap-2">
              <Button icon={KeyRound} disabled={!ready} onClick={() => setAsking({ kind: 'import' })}>
                {t('wallet.accounts.import')}
              </Button>
              <Button icon={Eye} disabled={!ready} onClick={() => setAsking({ kind: 'watch' })}>
                {t('wallet.accounts.watch')}
              </Button>
            </div>
          </Section>
          {gone.length > 0 && (
            <Section title={t('wallet.accounts.removed')} note={t('wallet.accounts.removedNote')}>
              <ul className="text-sm">
                {gone.map(({ address, name }) => (
                  <li key={address} className="flex items-center gap-3 border-b border-line py-1.5 last:border-b-0">
                    <bdi className="grow truncate">{name}</bdi>
                    <Button
                      size="small"
                      aria-label={t('wallet.accounts.restoreNamed', { name })}
                      disabled={!ready}
                      busy={restore.isPending}
                      onClick={() => restore.mutate({ address })}
                    >
                      {t('wallet.accounts.restore')}
                    </Button>
                  </li>
                ))}
              </ul>
            </Section>
          )}
        </div>
      )}
      {asking && <AccountDialog asking={asking} onClose={() => setAsking(null)} />}
    </WalletRoom>
  );
}
