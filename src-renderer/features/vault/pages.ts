import { Archive } from 'lucide-react';
import { lazyPage } from '../../app/lazy-page.ts';
import type { Page } from '../../app/page-types.ts';

const VaultPage = lazyPage(async () => (await import('./vault-page.tsx')).VaultPage);
const BinPage = lazyPage(async () => (await import('./bin/bin-page.tsx')).BinPage);
const PlacesPage = lazyPage(async () => (await import('./places/places-page.tsx')).PlacesPage);
const HostingPage = lazyPage(async () => (await import('./rooms/hosting-page.tsx')).HostingPage);
const SnapshotsPage = lazyPage(async () => (await import('./snapshots/snapshots-page.tsx')).SnapshotsPage);
const WatchedPage = lazyPage(async () => (await import('./watched/watched-page.tsx')).WatchedPage);
const DevicesPage = lazyPage(async () => (await import('./devices/devices-page.tsx')).DevicesPage);
const SharesPage = lazyPage(async () => (await import('./shares/shares-page.tsx')).SharesPage);
const DiskPage = lazyPage(async () => (await import('./disk/disk-page.tsx')).DiskPage);

export const vaultPages: readonly Page[] = [
  { path: '/vault', component: VaultPage, title: 'vault.title', rail: { icon: Archive, order: 20 } },
  { path: '/vault/$folder', component: VaultPage, title: 'vault.title' },
  { path: '/vault/bin', component: BinPage, title: 'vault.nav.bin' },
  { path: '/vault/places', component: PlacesPage, title: 'vault.nav.places' },
  { path: '/vault/rooms', component: HostingPage, title: 'vault.nav.rooms' },
  { path: '/vault/snapshots', component: SnapshotsPage, title: 'vault.nav.snapshots' },
  { path: '/vault/watched', component: WatchedPage, title: 'vault.nav.watched' },
  { path: '/vault/devices', component: DevicesPage, title: 'vault.nav.devices' },
  { path: '/vault/shares', component: SharesPage, title: 'vault.nav.shares' },
  { path: '/vault/disk', component: DiskPage, title: 'vault.nav.disk' },
];
