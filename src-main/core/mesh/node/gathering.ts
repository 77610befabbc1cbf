/** Milliseconds that control waits for more, when some has just left. */
export const gatherMs = 3;

/** What lets the control of many links wait together, on one timer of the system's. */
export interface Gathering {
  readonly now: () => number;
  /** Call it in a moment. */
  add(flush: () => void): void;
}

export function createGathering(clock: () => number, setTimer: (ms: number, fire: () => void) => unknown): Gathering {
  let waiting: (() => void)[] = [];
  return {
    now: clock,
    add(flush) {
      if (waiting.push(flush) > 1) return;
      setTimer(gatherMs, () => {
        const due = waiting;
        waiting = [];
        for (const one of due) one();
      });
    },
  };
}
