import { describe, expect, it } from 'vitest';
import { presenceMs, watchPresence } from './presence.ts';

/** A window whose events come when told, trusted or not. */
function hands() {
  const listeners = new Map<string, (event: Event) => void>();
  return {
    target: {
      addEventListener: (type: string, listener: unknown) =>
        void listeners.set(type, listener as (event: Event) => void),
      removeEventListener: (type: string) => void listeners.delete(type),
    },
    move: (type: string, isTrusted = true) => listeners.get(type)?.({ isTrusted } as Event),
    listeners,
  };
}

describe('presence', () => {
  it('is told at the first movement, and then at most every half minute', () => {
    const { target, move } = hands();
    let at = 0;
    let told = 0;
    const end = watchPresence(() => (told += 1), { now: () => at, target });
    expect(told).toBe(0);
    move('pointermove');
    for (at = 1; at < presenceMs; at += 1000) move('keydown');
    expect(told).toBe(1);
    at = presenceMs;
    move('keydown');
    expect(told).toBe(2);
    end();
    at = 10 * presenceMs;
    move('pointermove');
    expect(told).toBe(2);
  });

  it('is not made up by a script', () => {
    const { target, move } = hands();
    let told = 0;
    watchPresence(() => (told += 1), { now: () => 0, target });
    move('pointermove', false);
    expect(told).toBe(0);
  });
});
