import { Archive } from 'lucide-react';
import type { Page } from '../../app/page-types.ts';
import { BinPage } from './bin/bin-page.tsx';
import { PlacesPage } from './places/places-page.tsx';
import { VaultPage } from './vault-page.tsx';

export const vaultPages: readonly Page[] = [
  { path: '/vault', component: VaultPage, title: 'vault.title', rail: { icon: Archive, order: 20 } },
  { path: '/vault/$folder', component: VaultPage, title: 'vault.title' },
  { path: '/vault/bin', component: BinPage, title: 'vault.nav.bin' },
  { path: '/vault/places', component: PlacesPage, title: 'vault.nav.places' },
];
