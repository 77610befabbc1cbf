import { History } from 'lucide-react';
import type { Page } from '../../app/page-types.ts';
import { ActivityPage } from './activity-page.tsx';

export const activityPages: readonly Page[] = [
  { path: '/activity', component: ActivityPage, title: 'activity.title', rail: { icon: History, order: 60 } },
];
