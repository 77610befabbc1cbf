import { createPace, nextTurn, takeIfDue } from '../router/pace.ts';

/** How much of something one may have at once, and again each second. */
export interface Allowance {
  /** @returns false when there is none left */
  take(now: number): boolean;
  /** Whether less than a tenth is left of what one may have at once: who used the rest up comes for more. */
  low(now: number): boolean;
}

export function createAllowance(size: { atOnce: number; eachSecond: number }): Allowance {
  const rule = { interval: 1000 / size.eachSecond, burst: size.atOnce };
  const pace = createPace();
  return {
    take: (now) => takeIfDue(pace, rule, now),
    low: (now) => nextTurn(pace, { ...rule, burst: 0.9 * rule.burst }) > now,
  };
}
