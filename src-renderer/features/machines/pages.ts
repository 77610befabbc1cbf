import { Server } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const MachinesPage = lazyPage(async () => (await import('./list/machines-page.tsx')).MachinesPage);
const MachinePage = lazyPage(async () => (await import('./machine/machine-page.tsx')).MachinePage);
const DeployPage = lazyPage(async () => (await import('./deploy/deploy-page.tsx')).DeployPage);
const ImagesPage = lazyPage(async () => (await import('./images/images-page.tsx')).ImagesPage);

export const machinesPages: readonly Page[] = [
  { path: '/machines', component: MachinesPage, title: 'machines.title', rail: { icon: Server, order: 30 } },
  { path: '/machines/new', component: DeployPage, title: 'machines.deploy' },
  { path: '/machines/images', component: ImagesPage, title: 'machines.nav.images' },
  { path: '/machines/$machine', component: MachinePage, title: 'machines.title' },
];
