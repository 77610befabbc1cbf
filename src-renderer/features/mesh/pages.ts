import { Waypoints } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const OverviewPage = lazyPage(async () => (await import('./overview/overview-page.tsx')).OverviewPage);
const MapPage = lazyPage(async () => (await import('./map/map-page.tsx')).MapPage);
const PeersPage = lazyPage(async () => (await import('./peers/peers-page.tsx')).PeersPage);
const RoutesPage = lazyPage(async () => (await import('./routes/routes-page.tsx')).RoutesPage);
const ServicesPage = lazyPage(async () => (await import('./services/services-page.tsx')).ServicesPage);
const MessagesPage = lazyPage(async () => (await import('./messages/messages-page.tsx')).MessagesPage);
const RulesPage = lazyPage(async () => (await import('./messages/rules-page.tsx')).RulesPage);
const DiagnosePage = lazyPage(async () => (await import('./diagnose/diagnose-page.tsx')).DiagnosePage);
const MeshSettingsPage = lazyPage(async () => (await import('./settings/settings-page.tsx')).MeshSettingsPage);

export const meshPages: readonly Page[] = [
  { path: '/mesh', component: OverviewPage, title: 'mesh.title', rail: { icon: Waypoints, order: 40 } },
  { path: '/mesh/map', component: MapPage, title: 'mesh.nav.map' },
  { path: '/mesh/peers', component: PeersPage, title: 'mesh.nav.peers' },
  { path: '/mesh/peers/add/$ways', component: PeersPage, title: 'mesh.nav.peers' },
  { path: '/mesh/routes', component: RoutesPage, title: 'mesh.nav.routes' },
  { path: '/mesh/services', component: ServicesPage, title: 'mesh.nav.services' },
  { path: '/mesh/messages', component: MessagesPage, title: 'mesh.nav.messages' },
  { path: '/mesh/messages/to/$to', component: MessagesPage, title: 'mesh.nav.messages' },
  { path: '/mesh/messages/rules', component: RulesPage, title: 'mesh.nav.messages' },
  { path: '/mesh/diagnose', component: DiagnosePage, title: 'mesh.nav.diagnose' },
  { path: '/mesh/diagnose/$target', component: DiagnosePage, title: 'mesh.nav.diagnose' },
  { path: '/mesh/settings', component: MeshSettingsPage, title: 'mesh.nav.settings' },
];
