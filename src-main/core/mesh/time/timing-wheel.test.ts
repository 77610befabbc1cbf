import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTimingWheel } from './timing-wheel.ts';

describe('the timing wheel', () => {
  it('fires what a sorted list would, when it would, in its order', () => {
    const delay = fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(20_000_000));
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.array(fc.record({ delay, cancelled: fc.boolean() }), { maxLength: 40 }),
        fc.array(delay, { minLength: 1, maxLength: 12 }),
        (start, timers, steps) => {
          const wheel = createTimingWheel(start);
          const fired: [number, number][] = [];
          const expected: [number, number][] = [];
          for (const [i, timer] of timers.entries()) {
            const at = Math.max(start + 1, start + timer.delay);
            const handle = wheel.schedule(start + timer.delay, () => fired.push([wheel.now(), i]));
            if (timer.cancelled) handle.cancel();
            else expected.push([at, i]);
          }
          expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
          let now = start;
          for (const step of steps) {
            now += step;
            const due = expected.filter(([at]) => at <= now);
            wheel.advance(now);
            expect(fired.map(([at]) => at)).toEqual(due.map(([at]) => at));
            expect(new Set(fired.map(String))).toEqual(new Set(due.map(String)));
            expect(wheel.next()).toBe(expected[due.length]?.[0] ?? null);
          }
        },
      ),
    );
  });

  it('keeps the order of timers armed one after the other for one millisecond', () => {
    const wheel = createTimingWheel(0);
    const fired: number[] = [];
    for (let i = 0; i < 5; i++) wheel.schedule(100, () => fired.push(i));
    wheel.advance(100);
    expect(fired).toEqual([0, 1, 2, 3, 4]);
  });

  it('fires what is armed while firing, in the same advance when it is due by then', () => {
    const wheel = createTimingWheel(0);
    const fired: number[] = [];
    const again = (): void => {
      fired.push(wheel.now());
      if (fired.length < 4) wheel.schedule(wheel.now() + 1000, again);
    };
    wheel.schedule(500, again);
    wheel.advance(10_000);
    expect(fired).toEqual([500, 1500, 2500, 3500]);
  });

  it('never goes back, and takes what is past as due at once', () => {
    const wheel = createTimingWheel(1000.5);
    let fired = 0;
    wheel.advance(50);
    expect(wheel.now()).toBe(1000);
    wheel.schedule(3, () => fired++);
    wheel.advance(1001);
    expect(fired).toBe(1);
  });

  it('holds deadlines past its reach', () => {
    const wheel = createTimingWheel(0);
    let fired = 0;
    const far = 2 ** 32 + 5000;
    wheel.schedule(far, () => fired++);
    wheel.advance(far - 1);
    expect(fired).toBe(0);
    wheel.advance(far);
    expect(fired).toBe(1);
  });
});
