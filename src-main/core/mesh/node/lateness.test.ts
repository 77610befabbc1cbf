import { describe, expect, it } from 'vitest';
import { createLateness } from './lateness.ts';

/** A clock, and one timer at a time, which fires when told. */
function world() {
  const state = { now: 0, wanted: true, told: [] as number[], due: null as number | null };
  let fire = (): void => {};
  const lateness = createLateness({
    clock: () => state.now,
    setTimer(ms, run) {
      expect(state.due).toBeNull();
      state.due = state.now + ms;
      fire = run;
      return () => {
        state.due = null;
      };
    },
    wanted: () => state.wanted,
    late: (ms) => state.told.push(ms),
  });
  /** The timer has its turn at this time. */
  const turn = (at: number): void => {
    state.now = at;
    state.due = null;
    fire();
  };
  return { state, lateness, turn };
}

describe('lateness of the event loop', () => {
  it('is nothing while timers fire in time, and is looked at only as long as somebody measures', () => {
    const { state, lateness, turn } = world();
    lateness.look();
    expect(state.due).toBeNull();
    lateness.watch();
    lateness.watch();
    while (state.due !== null && state.now < 100) turn(state.due + 1);
    expect(state.told).toEqual([]);
    expect(state.due).not.toBeNull();
    state.wanted = false;
    turn(state.due ?? 0);
    expect(state.due).toBeNull();
    // Nor for ever, when no answer comes.
    state.wanted = true;
    lateness.watch();
    while (state.due !== null) turn(state.due);
    expect(state.now).toBeLessThan(1_200);
  });

  it('is what a timer is overdue by, told once, also before the timer had its turn', () => {
    const { state, lateness, turn } = world();
    lateness.watch();
    state.now = 105;
    lateness.look();
    expect(state.told).toEqual([100]);
    state.now = 106;
    lateness.look();
    expect(state.told).toEqual([100]);
    turn(155);
    expect(state.told).toEqual([100, 50]);
    turn(160);
    expect(state.told).toEqual([100, 50]);
    lateness.stop();
    expect(state.due).toBeNull();
  });
});
