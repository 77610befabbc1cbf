import { activityPages } from '../features/activity/pages.ts';
import { contactsPages } from '../features/contacts/pages.ts';
import { dealsPages } from '../features/deals/pages.ts';
import { homePages } from '../features/home/pages.ts';
import { ledgerPages } from '../features/ledger/pages.ts';
import { machinesPages } from '../features/machines/pages.ts';
import { meshPages } from '../features/mesh/pages.ts';
import { namesPages } from '../features/names/pages.ts';
import { settingsPages } from '../features/settings/pages.ts';
import { vaultPages } from '../features/vault/pages.ts';
import { walletPages } from '../features/wallet/pages.ts';
import { InvitePage, LinkPage } from './link-page.tsx';
import type { Page } from './page-types.ts';

/** Every page there is. Rooms that are not built are absent, not greyed out. */
export const pages: readonly Page[] = [
  ...homePages,
  ...vaultPages,
  ...machinesPages,
  ...meshPages,
  ...walletPages,
  ...dealsPages,
  ...ledgerPages,
  ...contactsPages,
  ...namesPages,
  ...activityPages,
  ...settingsPages,
  { path: '/link/open/$type/$id', component: LinkPage, title: 'frame.link.title' },
  { path: '/link/invite/$token', component: InvitePage, title: 'frame.link.title' },
];

export const railPages: readonly (Page & { rail: NonNullable<Page['rail']> })[] = pages
  .flatMap((page) => (page.rail ? [{ ...page, rail: page.rail }] : []))
  .sort((a, b) => a.rail.order - b.rail.order);
