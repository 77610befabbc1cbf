import { House } from 'lucide-react';
import type { Page } from '../../app/page-types.ts';
import { HomePage } from './home-page.tsx';

export const homePages: readonly Page[] = [
  { path: '/', component: HomePage, title: 'home.title', rail: { icon: House, order: 10 } },
];
