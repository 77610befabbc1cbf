import { Server } from 'lucide-react';
import type { Page } from '../../app/page-types.ts';
import { DeployPage } from './deploy/deploy-page.tsx';
import { ImagesPage } from './images/images-page.tsx';
import { MachinesPage } from './list/machines-page.tsx';
import { MachinePage } from './machine/machine-page.tsx';

export const machinesPages: readonly Page[] = [
  { path: '/machines', component: MachinesPage, title: 'machines.title', rail: { icon: Server, order: 30 } },
  { path: '/machines/new', component: DeployPage, title: 'machines.deploy' },
  { path: '/machines/images', component: ImagesPage, title: 'machines.nav.images' },
  { path: '/machines/$machine', component: MachinePage, title: 'machines.title' },
];
