import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const LedgerPage = lazyPage(async () => (await import('./ledger-page.tsx')).LedgerPage);
const ChainsPage = lazyPage(async () => (await import('./chains/chains-page.tsx')).ChainsPage);

export const ledgerPages: readonly Page[] = [
  { path: '/wallet/ledger', component: LedgerPage, title: 'wallet.nav.ledger' },
  { path: '/wallet/chains', component: ChainsPage, title: 'wallet.nav.chains' },
];
