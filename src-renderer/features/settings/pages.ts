import { Settings } from 'lucide-react';
import type { Page } from '../../app/page-types.ts';
import { SettingsPage } from './settings-page.tsx';

export const settingsPages: readonly Page[] = [
  { path: '/settings', component: SettingsPage, title: 'settings.title', rail: { icon: Settings, order: 90 } },
  { path: '/settings/$section', component: SettingsPage, title: 'settings.title' },
];
