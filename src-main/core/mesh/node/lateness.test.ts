import { describe, expect, it } from 'vitest';
import { addressOf } from '../identity/address.ts';
import type { Effect } from '../router/effects.ts';
import { createRouter } from '../router/router.ts';
import { subnetOf } from '../wire/prefix.ts';
import { createRouterId } from '../wire/router-id.ts';
import { createLateness } from './lateness.ts';

/**
 * What a router measures of a way, whose loop comes to timers so much late each time and does not look at what came until then.
 * @returns the middle of its samples, after five minutes
 */
function measured(way: number, late: number): number {
  let now = 0;
  const timers = new Set<{ at: number; fire: () => void }>();
  const publicKey = new Uint8Array(32).fill(3);
  const address = addressOf(publicKey);
  const routerId = createRouterId(publicKey, new Uint8Array(6));
  const self = { secret: publicKey, publicKey, address, subnet: subnetOf(address), routerId };
  const router = createRouter({ self, now, takeUsed: () => false });
  const lateness = createLateness({
    clock: () => now,
    setTimer(ms, fire) {
      const timer = { at: now + ms, fire };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    wanted: () => router.measuring(),
    late: (ms) => router.late(now, ms),
  });
  let answer = Number.POSITIVE_INFINITY;
  const apply = (effects: readonly Effect[]): void => {
    for (const effect of effects) {
      if (effect.type !== 'send' || effect.message.type !== 'hello') continue;
      lateness.watch();
      answer = now + way;
    }
  };
  apply(router.peerUp(0, 1, 10));
  while (now < 300_000) {
    // A turn of the loop: timers, and then what came, which may be long ago.
    now = Math.min(router.next(), ...[...timers].map(({ at }) => at)) + late;
    for (const timer of [...timers]) {
      if (timer.at > now || !timers.delete(timer)) continue;
      timer.fire();
    }
    apply(router.advance(now));
    if (answer > now) continue;
    answer = Number.POSITIVE_INFINITY;
    lateness.look();
    apply(router.receive(now, 1, { type: 'ihu', rxCost: 0, interval: 6000 }));
  }
  const [link] = router.links();
  return link?.smoothed ?? Number.NaN;
}

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
  it.each([
    [200, 3],
    [200, 1],
    [30, 3],
    [5, 40],
    [200, 40],
  ])('that never ends hardly changes what a way of %i ms seems to take, when timers are late by %i', (way, late) => {
    expect(measured(way, late)).toBeGreaterThanOrEqual(way - late - 5);
    expect(measured(way, late)).toBeLessThanOrEqual(way + late + 5);
  });

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
