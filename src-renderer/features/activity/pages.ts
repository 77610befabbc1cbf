import { History } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const ActivityPage = lazyPage(async () => (await import('./activity-page.tsx')).ActivityPage);

export const activityPages: readonly Page[] = [
  { path: '/activity', component: ActivityPage, title: 'activity.title', rail: { icon: History, order: 60 } },
];
