import { MoreHorizontal } from 'lucide-react';
import type { WalletAccount } from '#shared/contract/wallet/accounts.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Address } from '../../../ui/address.tsx';
import { IconButton } from '../../../ui/button.tsx';
import { Menu } from '../../../ui/menu.tsx';
import { State } from '../../../ui/state.tsx';
import { Table } from '../../../ui/table.tsx';
import { toast } from '../../../ui/toast.tsx';

export function AccountTable({
  accounts,
  onRename,
}: {
  accounts: readonly WalletAccount[];
  onRename: (account: WalletAccount) => void;
}) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const use = useAgentMutation('wallet.useAccount', {
    done: (_, { account }) => t('wallet.accounts.used', { name: account.name }),
  });
  const restore = useAgentMutation('wallet.restoreAccount');
  const remove = useAgentMutation('wallet.removeAccount', {
    onDone: ({ warning }, { address }) =>
      toast.done(
        warning ?? t('wallet.accounts.isRemoved'),
        { label: t('common.undo'), onSelect: () => restore.mutate({ address }) },
        `account ${address}`,
      ),
  });
  return (
    <Table
      label={t('wallet.nav.accounts')}
      rows={accounts}
      rowKey={({ address }) => address}
      columns={[
        {
          key: 'name',
          header: t('wallet.accounts.name'),
          cell: ({ name, main }) => (
            <span className="flex min-w-0 items-center gap-3">
              <bdi className="truncate font-medium">{name}</bdi>
              {main && (
                <State small tone="ok">
                  {t('wallet.accounts.main')}
                </State>
              )}
            </span>
          ),
        },
        {
          key: 'kind',
          header: t('wallet.accounts.kind'),
          width: '12rem',
          phone: false,
          cell: ({ kind, position }) => (
            <span className="text-ink-soft">
              {t(`wallet.accounts.kinds.${kind}`, { position: (position ?? 0) + 1 })}
            </span>
          ),
        },
        {
          key: 'address',
          header: t('money.address'),
          width: '15rem',
          phone: '11rem',
          cell: ({ address }) => <Address address={address} />,
        },
        {
          key: 'more',
          header: t('wallet.accounts.more'),
          headerHidden: true,
          width: '3rem',
          align: 'end',
          cell: (account) => {
            const { address, name, main, kind } = account;
            return (
              <Menu
                items={[
                  ...(main || kind === 'watched'
                    ? []
                    : [{ label: t('wallet.accounts.use'), onSelect: () => use.mutate({ address }) }]),
                  { label: t('wallet.accounts.rename'), onSelect: () => onRename(account) },
                  ...(main ? [] : [{ label: t('wallet.accounts.remove'), onSelect: () => remove.mutate({ address }) }]),
                ]}
              >
                <IconButton
                  size="small"
                  icon={MoreHorizontal}
                  label={t('wallet.accounts.moreOf', { name })}
                  disabled={!ready}
                />
              </Menu>
            );
          },
        },
      ]}
    />
  );
}
