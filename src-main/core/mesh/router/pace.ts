/**
 * A leaky bucket as one number (the "generic cell rate algorithm" of ATM): when the next turn would be if turns came one an
 * interval; up to a burst of them may be had early.
 */
export interface Pace {
  at: number;
}

export interface PaceRule {
  readonly interval: number;
  readonly burst: number;
}

export function createPace(): Pace {
  return { at: Number.NEGATIVE_INFINITY };
}

/** When the next turn is; not after `now` when it can be had at once. */
export function nextTurn(pace: Pace, { interval, burst }: PaceRule): number {
  return pace.at - (burst - 1) * interval;
}

/** Take a turn if it can be had at once. @returns whether it was */
export function takeIfDue(pace: Pace, rule: PaceRule, now: number): boolean {
  if (nextTurn(pace, rule) > now) return false;
  takeTurn(pace, rule, now);
  return true;
}

export function takeTurn(pace: Pace, { interval }: PaceRule, now: number): void {
  pace.at = Math.max(pace.at, now) + interval;
}
