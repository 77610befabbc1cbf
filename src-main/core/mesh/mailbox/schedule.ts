import { createTimingWheel, type Timer } from '../time/timing-wheel.ts';

/** Beyond some 24 days the runtime's timers fire at once; a later deadline is looked at again. */
const longestTimer = 2 ** 30;

/** Timers on a monotonic clock, all of them by one timer of the system's. */
export interface Schedule {
  /** Milliseconds. */
  now(): number;
  /** Never fires within the call, whatever the time. */
  at(time: number, fire: () => void): Timer;
  stop(): void;
}

export function createSchedule(deps: {
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
}): Schedule {
  const { clock } = deps;
  const wheel = createTimingWheel(clock());
  let cancel: (() => void) | null = null;
  let due = Number.POSITIVE_INFINITY;
  let stopped = false;
  let turning = false;

  const arm = (time: number): void => {
    if (stopped || turning || time >= due) return;
    cancel?.();
    due = time;
    cancel = deps.setTimer(Math.min(longestTimer, Math.max(0, time - clock())), () => {
      due = Number.POSITIVE_INFINITY;
      turning = true;
      try {
        wheel.advance(clock());
      } finally {
        turning = false;
        arm(wheel.next() ?? Number.POSITIVE_INFINITY);
      }
    });
  };

  return {
    now: clock,
    at(time, fire) {
      const timer = wheel.schedule(time, () => {
        if (!stopped) fire();
      });
      arm(time);
      return timer;
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
