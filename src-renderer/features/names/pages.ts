import { AtSign } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const NamesPage = lazyPage(async () => (await import('./names-page.tsx')).NamesPage);

export const namesPages: readonly Page[] = [
  { path: '/names', component: NamesPage, title: 'names.title', rail: { icon: AtSign, order: 47 } },
];
