import type { Place } from '#shared/contract/vault.ts';
import type { MessageKey } from '../../../lib/i18n.ts';
import type { Tone } from '../../../ui/state.tsx';

/** Word, shape and advice for the health of a place. */
export const placeWords: Readonly<Record<Place['health'], { tone: Tone; word: MessageKey; meaning: MessageKey }>> = {
  ok: { tone: 'ok', word: 'vault.health.ok', meaning: 'vault.health.okMeaning' },
  missing: { tone: 'failed', word: 'vault.health.missing', meaning: 'vault.health.missingMeaning' },
  readonly: { tone: 'attention', word: 'vault.health.readonly', meaning: 'vault.health.readonlyMeaning' },
  full: { tone: 'attention', word: 'vault.health.full', meaning: 'vault.health.fullMeaning' },
  foreign: { tone: 'failed', word: 'vault.health.foreign', meaning: 'vault.health.foreignMeaning' },
  locked: { tone: 'waiting', word: 'vault.health.locked', meaning: 'vault.health.lockedMeaning' },
  leaving: { tone: 'waiting', word: 'vault.health.leaving', meaning: 'vault.health.leavingMeaning' },
};
