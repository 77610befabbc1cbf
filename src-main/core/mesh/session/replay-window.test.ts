import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplayWindow, windowPackets } from './replay-window.ts';

describe('the replay window', () => {
  it('takes each counter once, in any order, as a set that forgets what is too old', () => {
    // Steps near each other, near the edges of words and of the window, and far leaps.
    const step = fc.oneof(
      fc.integer({ min: -70, max: 70 }),
      fc.integer({ min: -windowPackets - 40, max: -windowPackets + 40 }),
      fc.integer({ min: windowPackets - 40, max: windowPackets + 300 }),
      fc.constant(2 ** 40),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const window = createReplayWindow();
        const seen = new Set<number>();
        let greatest = -1;
        let at = 0;
        for (const one of steps) {
          at = Math.max(0, at + one);
          const expected = at > greatest || (at > greatest - windowPackets && !seen.has(at));
          expect(window.fresh(at)).toBe(expected);
          if (!expected) continue;
          window.note(at);
          seen.add(at);
          greatest = Math.max(greatest, at);
          expect(window.fresh(at)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes the greatest counters there are', () => {
    const window = createReplayWindow();
    window.note(Number.MAX_SAFE_INTEGER);
    expect(window.fresh(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect(window.fresh(Number.MAX_SAFE_INTEGER - 1)).toBe(true);
    expect(window.fresh(0)).toBe(false);
  });
});
