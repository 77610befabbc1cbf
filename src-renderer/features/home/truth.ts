import type { IdentityStatus } from '#shared/contract/identity.ts';
import type { Machine } from '#shared/contract/machines.ts';
import type { VaultStatus } from '#shared/contract/vault.ts';
import type { MessageKey } from '../../lib/i18n.ts';

/** The one sentence of Home: a message with its numbers, and how serious it is. */
export interface Truth {
  key: MessageKey;
  values?: Record<string, number>;
  tone: 'calm' | 'attention' | 'danger';
}

/** What a person should do next, with the page that does it; null when nothing is called for. */
export interface NextStep {
  key: MessageKey;
  path: string;
}

/** Bad news first, then what is missing, then that all is well. Never better than it is. */
export function truthOf(identity: IdentityStatus, vault: VaultStatus, machines: readonly Machine[]): Truth {
  if (identity.state === 'none') return { key: 'home.truth.nobody', tone: 'calm' };
  const broken = machines.filter((m) => m.state === 'crashed' || m.state === 'failed').length;
  if (vault.damaged > 0) return { key: 'home.truth.damaged', values: { count: vault.damaged }, tone: 'danger' };
  if (vault.atRisk > 0 || vault.safety === 'at-risk') {
    return { key: 'home.truth.atRisk', values: { count: vault.atRisk }, tone: 'danger' };
  }
  if (broken > 0) return { key: 'home.truth.machineBroken', values: { count: broken }, tone: 'attention' };
  if (vault.state === 'none') return { key: 'home.truth.noVault', tone: 'calm' };
  if (vault.files === null) return { key: 'home.truth.locked', tone: 'calm' };
  if (vault.files === 0) return { key: 'home.truth.empty', tone: 'calm' };
  if (vault.safety === 'storing') return { key: 'home.truth.storing', tone: 'calm' };
  if (vault.survivesDevices === 0) {
    const key = vault.devices > 1 ? 'home.truth.oneTooMany' : 'home.truth.onlyHere';
    return { key, values: { count: vault.files }, tone: 'attention' };
  }
  return { key: 'home.truth.safe', values: { count: vault.survivesDevices, files: vault.files }, tone: 'calm' };
}

export function nextStepOf(
  identity: IdentityStatus,
  vault: VaultStatus,
  machines: readonly Machine[],
): NextStep | null {
  if (identity.state === 'none') return { key: 'home.next.identity', path: '' };
  if (vault.damaged > 0 || vault.atRisk > 0 || vault.missingShards > 0)
    return { key: 'home.next.repair', path: '/vault/places' };
  if (vault.state === 'none') return { key: 'home.next.vault', path: '' };
  if (vault.files === 0) return { key: 'home.next.files', path: '/vault' };
  if (vault.survivesDevices === 0) return { key: 'home.next.place', path: '/vault/places' };
  if (machines.length === 0) return { key: 'home.next.machine', path: '/machines/new' };
  return null;
}
