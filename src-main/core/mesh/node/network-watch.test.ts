import { describe, expect, it } from 'vitest';
import { systemNetwork, watchNetwork } from './network-watch.ts';

/** A watch over a computer of the test's making; `pass` lets time go by, and the looks that are due happen. */
function computer() {
  const all = { addresses: ['127.0.0.1', '10.0.0.2', 'fe80::2'], now: 0, day: 1e12 };
  const changes: string[][] = [];
  const timers: { at: number; fire: () => void }[] = [];
  const watch = watchNetwork({
    addresses: () => new Set(all.addresses),
    clock: () => all.now,
    timeOfDay: () => all.day,
    setTimer(ms, fire) {
      const timer = { at: all.now + ms, fire };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    changed: (gone) => changes.push([...gone]),
  });
  const pass = (ms: number): void => {
    const until = all.now + ms;
    const day = all.day - all.now;
    for (;;) {
      const next = timers.findIndex(({ at }) => at <= until);
      if (next < 0) break;
      const [timer] = timers.splice(next, 1);
      all.now = Math.max(all.now, timer?.at ?? 0);
      all.day = day + all.now;
      timer?.fire();
    }
    all.now = until;
    all.day = day + until;
  };
  return { all, changes, timers, watch, pass };
}

describe('watching the network', () => {
  it('says nothing while nothing changes', () => {
    const { changes, pass } = computer();
    pass(600_000);
    expect(changes).toEqual([]);
  });

  it('tells which addresses are gone, once, and that there are new ones', () => {
    const { all, changes, pass } = computer();
    all.addresses = ['127.0.0.1'];
    pass(20_000);
    expect(changes).toEqual([['10.0.0.2', 'fe80::2']]);
    all.addresses = ['127.0.0.1', '192.168.7.7'];
    pass(20_000);
    expect(changes).toEqual([['10.0.0.2', 'fe80::2'], []]);
    all.addresses = ['127.0.0.1', '192.168.7.8'];
    pass(20_000);
    expect(changes.at(-1)).toEqual(['192.168.7.7']);
  });

  it('notices sleep, whether the clock ran on meanwhile or not', () => {
    const { all, changes, pass } = computer();
    all.day += 3_600_000;
    pass(4_000);
    expect(changes).toEqual([[]]);
    // Stopped: the timer that was due fires when the process goes on.
    all.now += 60_000;
    all.day += 60_000;
    pass(4_000);
    expect(changes).toEqual([[], []]);
    // Late, as on a busy computer; and a time of day that is set back.
    all.now += 5_000;
    pass(4_000);
    all.day -= 3_600_000;
    pass(4_000);
    expect(changes).toEqual([[], []]);
  });

  it('ends when told', () => {
    const { timers, watch } = computer();
    watch.stop();
    expect(timers).toEqual([]);
  });

  it('sees this computer’s own addresses', () => {
    expect(systemNetwork.addresses()).toContain('127.0.0.1');
  });
});
