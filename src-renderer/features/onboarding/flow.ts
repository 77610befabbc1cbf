import type { Typed } from './restore.tsx';

/** Where a newcomer is. `place` and `back` are only reached when an identity exists already and the vault does not. */
export type Step = 'who' | 'words' | 'check' | 'restore' | 'protect' | 'place' | 'back';

export interface Draft {
  draft: string;
  words: readonly string[];
  /** Positions of the three words asked for. */
  check: readonly number[];
}

export interface Flow {
  step: Step;
  way: 'new' | 'restore';
  name: string;
  draft: Draft | null;
  /** After a reload: the words seen before came back, or others stand in their place. Null when none were seen before. */
  again: 'same' | 'other' | null;
  /** The three words typed back, or null when that was put off. */
  answers: readonly { index: number; word: string }[] | null;
  /** The phrase, or shares of it, typed in for `restore`. */
  typed: Typed | null;
  /** A recovery kit given with it; empty for none. */
  kit: string;
}

/** `seen`: words were shown before a reload, so one comes back to them. */
export const startOf = (name: string, exists: boolean, seen = false): Flow => ({
  step: exists ? 'place' : seen ? 'words' : 'who',
  way: 'new',
  name,
  draft: null,
  again: null,
  answers: null,
  typed: null,
  kit: '',
});

/** The screens of each way, in order: never more than four. */
export const screens: Record<Flow['way'], readonly Step[]> = {
  new: ['who', 'words', 'check', 'protect'],
  restore: ['who', 'restore', 'protect'],
};

export function stepNumber(flow: Flow): { at: number; of: number } {
  if (flow.step === 'place' || flow.step === 'back') return { at: 1, of: 1 };
  const list = screens[flow.way];
  return { at: list.indexOf(flow.step) + 1, of: list.length };
}

export function back(flow: Flow): Flow {
  const list = screens[flow.way];
  const step = list[Math.max(0, list.indexOf(flow.step) - 1)] ?? 'who';
  // Going back over the check means the words are to be seen again.
  return { ...flow, step, answers: step === 'words' || step === 'check' ? null : flow.answers };
}

/** Words are in sight, or on paper, that are worth nothing until the identity is created. */
export const wordsAtStake = (flow: Flow): boolean =>
  flow.way === 'new' && flow.draft !== null && screens.new.indexOf(flow.step) > 0;

/** Whether the three words are right; wrong ones are told by position (from 0). */
export function wrongAnswers(draft: Draft, typed: readonly string[]): number[] {
  return draft.check.filter((index, i) => draft.words[index] !== typed[i]?.trim().toLowerCase());
}
