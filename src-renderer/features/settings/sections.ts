import type { ReactNode } from 'react';
import type { MessageKey } from '../../lib/i18n.ts';
import { RecoverySettings } from '../recovery/recovery-settings.tsx';
import { About } from './about.tsx';
import { Appearance } from './appearance.tsx';
import { Diagnostics } from './diagnostics.tsx';
import { IdentitySettings } from './identity.tsx';
import { MachineSettings } from './machines.tsx';
import { TrafficSettings } from './traffic.tsx';

export interface SettingsSection {
  key: string;
  title: MessageKey;
  component: () => ReactNode;
  /** What is in it, for the search: the labels of its rows. */
  labels: readonly MessageKey[];
}

export const sections: readonly SettingsSection[] = [
  {
    key: 'appearance',
    title: 'settings.sections.appearance',
    component: Appearance,
    labels: ['settings.theme', 'settings.language', 'settings.notifications'],
  },
  {
    key: 'identity',
    title: 'settings.sections.identity',
    component: IdentitySettings,
    labels: [
      'settings.name',
      'settings.phrase.label',
      'onboarding.protect.passphrase',
      'settings.autoLock',
      'settings.factor.label',
      'settings.devices.title',
      'settings.card.title',
      'settings.browsers.title',
    ],
  },
  {
    key: 'recovery',
    title: 'settings.sections.recovery',
    component: RecoverySettings,
    labels: ['recovery.kit.label', 'recovery.rehearse.label', 'recovery.shares.label'],
  },
  {
    key: 'traffic',
    title: 'settings.sections.traffic',
    component: TrafficSettings,
    labels: ['settings.traffic.up', 'settings.traffic.down', 'settings.traffic.some'],
  },
  {
    key: 'machines',
    title: 'settings.sections.machines',
    component: MachineSettings,
    labels: ['settings.qemu.label', 'settings.qemu.path', 'settings.qemu.accelerator'],
  },
  {
    key: 'diagnostics',
    title: 'settings.sections.diagnostics',
    component: Diagnostics,
    labels: ['settings.diagnostics.label'],
  },
  {
    key: 'about',
    title: 'settings.sections.about',
    component: About,
    labels: ['settings.about.version', 'settings.about.home', 'settings.about.selfTest', 'settings.about.privacy'],
  },
];

/** Sections with a title or label that holds every word of the query. */
export function findSections(query: string, textOf: (key: MessageKey) => string): readonly SettingsSection[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return sections.filter((section) => {
    const text = [section.title, ...section.labels].map(textOf).join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
