import type { Safety, VaultStatus } from '#shared/contract/vault.ts';
import type { Tone } from '../ui/state.tsx';
import type { MessageKey } from './i18n.ts';

/** The word and the shape for how safe something is: the same everywhere. */
export const safetyWords: Readonly<Record<Safety, { tone: Tone; word: MessageKey; meaning: MessageKey }>> = {
  safe: { tone: 'ok', word: 'frame.safety.safe', meaning: 'frame.safety.safeMeaning' },
  'only-here': { tone: 'attention', word: 'frame.safety.onlyHere', meaning: 'frame.safety.onlyHereMeaning' },
  storing: { tone: 'waiting', word: 'frame.safety.storing', meaning: 'frame.safety.storingMeaning' },
  'at-risk': { tone: 'danger', word: 'frame.safety.atRisk', meaning: 'frame.safety.atRiskMeaning' },
  damaged: { tone: 'failed', word: 'frame.safety.damaged', meaning: 'frame.safety.damagedMeaning' },
};

/** The vault in one word. An empty or locked vault has its own. */
export function vaultWord(status: VaultStatus): { tone: Tone; word: MessageKey } {
  if (status.state === 'none') return { tone: 'idle', word: 'frame.safety.noVault' };
  if (status.state === 'locked') return { tone: 'paused', word: 'frame.safety.locked' };
  if (status.files === 0) return { tone: 'idle', word: 'frame.safety.empty' };
  return safetyWords[status.safety];
}
