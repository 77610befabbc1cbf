import { Wallet } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const AccountsPage = lazyPage(async () => (await import('./accounts/accounts-page.tsx')).AccountsPage);
const MoneyPage = lazyPage(async () => (await import('./money/money-page.tsx')).MoneyPage);
const ApprovalsPage = lazyPage(async () => (await import('./approvals/approvals-page.tsx')).ApprovalsPage);

export const walletPages: readonly Page[] = [
  { path: '/wallet', component: MoneyPage, title: 'wallet.title', rail: { icon: Wallet, order: 42 } },
  { path: '/wallet/accounts', component: AccountsPage, title: 'wallet.nav.accounts' },
  { path: '/wallet/approvals', component: ApprovalsPage, title: 'wallet.nav.approvals' },
];
