import type { ReactNode } from 'react';
import { Page, type PageProps } from '../../app/frame/page.tsx';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { RoomNav } from '../../ui/room-nav.tsx';
import { NeedsIdentity } from '../identity/needs-identity.tsx';

const sides = {
  money: '/wallet',
  contracts: '/wallet/contracts',
  offers: '/wallet/offers',
  costs: '/wallet/costs',
  accounts: '/wallet/accounts',
  approvals: '/wallet/approvals',
  ledger: '/wallet/ledger',
  chains: '/wallet/chains',
} as const;

export type WalletSide = keyof typeof sides;
const order = Object.keys(sides) as WalletSide[];

/**
 * What the pages about money share. Wallet, contracts and ledgers are three things to the core and one to a person: what I have, what I agreed to,
 * and where it is written down.
 */
export function WalletRoom({
  here,
  action,
  children,
  ...page
}: Omit<PageProps, 'title'> & { here: WalletSide; children: ReactNode }) {
  const t = useT();
  const { data } = useAgentQuery('identity.status', {});
  const nobody = data !== undefined && data.person === null;
  return (
    <Page title={t('wallet.title')} action={nobody ? undefined : action} {...page}>
      {nobody ? (
        <NeedsIdentity title={t('wallet.noIdentity')} text={t('wallet.noIdentityText')} />
      ) : (
        <>
          <RoomNav
            label={t('wallet.title')}
            here={sides[here]}
            sides={order.map((side) => ({ to: sides[side], label: t(`wallet.nav.${side}`) }))}
          />
          {children}
        </>
      )}
    </Page>
  );
}
