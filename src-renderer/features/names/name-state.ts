import type { NameEntry, Registration } from '#shared/contract/names.ts';
import type { MessageKey } from '../../lib/i18n.ts';
import type { Tone } from '../../ui/state.tsx';

interface Shown {
  readonly tone: Tone;
  readonly word: MessageKey;
}

/** How one of the person's names stands. */
export function stateOfMine({ state, recordState }: NameEntry): Shown {
  if (state === 'grace') return { tone: 'attention', word: 'names.state.grace' };
  if (recordState === 'kept') return { tone: 'waiting', word: 'names.state.kept' };
  if (recordState === 'none') return { tone: 'idle', word: 'names.state.empty' };
  if (recordState === 'unreadable') return { tone: 'attention', word: 'names.state.unreadable' };
  return { tone: 'ok', word: 'names.state.held' };
}

export const stateOfFound = ({ state, mine }: NameEntry): Shown =>
  mine
    ? { tone: 'ok', word: 'names.found.mine' }
    : (
        {
          free: { tone: 'active', word: 'names.found.free' },
          held: { tone: 'idle', word: 'names.found.held' },
          grace: { tone: 'paused', word: 'names.found.grace' },
          unknown: { tone: 'waiting', word: 'names.found.unknown' },
        } as const
      )[state];

export const stateOfTaking = ({ state, trouble }: Registration): Shown =>
  state === 'failed'
    ? { tone: 'failed', word: 'names.taking.failed' }
    : trouble !== null
      ? { tone: 'attention', word: 'names.taking.trouble' }
      : { tone: 'waiting', word: state === 'waiting' ? 'names.taking.waiting' : 'names.taking.sending' };
