import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const LedgerPage = lazyPage(async () => (await import('./ledger-page.tsx')).LedgerPage);

export const ledgerPages: readonly Page[] = [
  { path: '/wallet/ledger', component: LedgerPage, title: 'wallet.nav.ledger' },
];
