import { expect, it } from 'vitest';
import { onKeysChange } from './who-is-in.ts';

function people() {
  const listeners = new Set<() => void>();
  const state = { unlocked: false, id: 'hp:a' as string | null };
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  return {
    state,
    tell,
    set(change: Partial<typeof state>) {
      Object.assign(state, change);
      tell();
    },
    source: {
      isUnlocked: () => state.unlocked,
      person: () => (state.id === null ? null : { id: state.id }),
      onChange(listener: () => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
}

it('tells of unlocking, locking and another person, and of nothing else', () => {
  const { source, set, tell } = people();
  let told = 0;
  const stop = onKeysChange(source, () => void told++);
  tell();
  set({ id: 'hp:b' });
  expect(told).toBe(0);
  set({ unlocked: true });
  expect(told).toBe(1);
  tell();
  tell();
  expect(told).toBe(1);
  set({ id: 'hp:c' });
  expect(told).toBe(2);
  set({ unlocked: false });
  set({ unlocked: true });
  expect(told).toBe(4);
  stop();
  set({ unlocked: false });
  expect(told).toBe(4);
});

it('tells once of a lock that asking brings about', () => {
  const { source, set, state, tell } = people();
  let told = 0;
  let over = false;
  const asking = {
    ...source,
    isUnlocked() {
      if (over && state.unlocked) set({ unlocked: false });
      return state.unlocked;
    },
  };
  onKeysChange(asking, () => void told++);
  set({ unlocked: true });
  over = true;
  tell();
  expect(told).toBe(2);
});
