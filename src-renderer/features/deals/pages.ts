import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const ContractsPage = lazyPage(async () => (await import('./contracts-page.tsx')).ContractsPage);
const OffersPage = lazyPage(async () => (await import('./offers/offers-page.tsx')).OffersPage);
const CostsPage = lazyPage(async () => (await import('./costs-page.tsx')).CostsPage);

export const dealsPages: readonly Page[] = [
  { path: '/wallet/contracts', component: ContractsPage, title: 'wallet.nav.contracts' },
  { path: '/wallet/offers', component: OffersPage, title: 'wallet.nav.offers' },
  // A link from outside: shown in the dialog that reads it, where the person decides.
  { path: '/wallet/offers/open/$offer', component: OffersPage, title: 'wallet.nav.offers' },
  { path: '/wallet/costs', component: CostsPage, title: 'wallet.nav.costs' },
];
