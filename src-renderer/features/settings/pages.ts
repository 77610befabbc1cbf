import { Settings } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const SettingsPage = lazyPage(async () => (await import('./settings-page.tsx')).SettingsPage);

export const settingsPages: readonly Page[] = [
  { path: '/settings', component: SettingsPage, title: 'settings.title', rail: { icon: Settings, order: 90 } },
  { path: '/settings/$section', component: SettingsPage, title: 'settings.title' },
];
