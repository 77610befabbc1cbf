import type { Safety, VaultStatus } from '#shared/contract/vault.ts';
import type { Tone } from '../ui/state.tsx';
import { useAgentQuery } from './agent/hooks.ts';
import type { MessageKey } from './i18n.ts';

export type SafetyWords = Readonly<Record<Safety, { tone: Tone; word: MessageKey; meaning: MessageKey }>>;

const onOneDevice: SafetyWords = {
  safe: { tone: 'ok', word: 'frame.safety.safe', meaning: 'frame.safety.safeMeaning' },
  'only-here': { tone: 'attention', word: 'frame.safety.onlyHere', meaning: 'frame.safety.onlyHereMeaning' },
  storing: { tone: 'waiting', word: 'frame.safety.storing', meaning: 'frame.safety.storingMeaning' },
  'at-risk': { tone: 'danger', word: 'frame.safety.atRisk', meaning: 'frame.safety.atRiskMeaning' },
  damaged: { tone: 'failed', word: 'frame.safety.damaged', meaning: 'frame.safety.damagedMeaning' },
};

/**
 * `only-here` promises that no device may be lost. With pieces on several devices that need not mean that all of them
 * lie on one: one may hold too many, or a file may be there from the time when there was one. These words fit all three.
 */
const onSeveral: SafetyWords = {
  ...onOneDevice,
  'only-here': { tone: 'attention', word: 'frame.safety.oneTooMany', meaning: 'frame.safety.oneTooManyMeaning' },
};

/** The word and the shape for how safe something is, the same everywhere; `devices` hold pieces of the vault. */
export function safetyWords(devices: number): SafetyWords {
  return devices > 1 ? onSeveral : onOneDevice;
}

/** {@link safetyWords} for the vault as it is; while that is unknown, those that claim less. */
export function useSafetyWords(): SafetyWords {
  const { data } = useAgentQuery('vault.status', {}, { select: (status) => status.devices });
  return safetyWords(data ?? 2);
}

/** The vault in one word. An empty or locked vault has its own. */
export function vaultWord(status: VaultStatus): { tone: Tone; word: MessageKey } {
  if (status.state === 'none') return { tone: 'idle', word: 'frame.safety.noVault' };
  if (status.state === 'locked') return { tone: 'paused', word: 'frame.safety.locked' };
  if (status.files === 0) return { tone: 'idle', word: 'frame.safety.empty' };
  return safetyWords(status.devices)[status.safety];
}
