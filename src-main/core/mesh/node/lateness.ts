export interface LatenessDeps {
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** Whether anything still waits that lateness would spoil. */
  readonly wanted: () => boolean;
  /** For so many milliseconds up to now, which were not told before, nothing was looked at that came or was due. */
  readonly late: (ms: number) => void;
}

/**
 * How late the event loop is, while somebody measures time: by how much a timer is overdue. What came meanwhile lay in the
 * system, what was to be sent waited here, and neither says anything about the way to a neighbour.
 */
export interface Lateness {
  /** A measurement begins. */
  watch(): void;
  /** One may be about to end: the timer may be overdue and not have had its turn. */
  look(): void;
  stop(): void;
}

/** Milliseconds from one look to the next; the error of what is told. */
const every = 5;
/** What timers are late by on a good day. */
const usual = 2;
/** An answer that takes longer than this is not worth a timer. */
const longest = 1_000;

export function createLateness({ clock, setTimer, wanted, late }: LatenessDeps): Lateness {
  let cancel: (() => void) | null = null;
  let due = 0;
  let until = 0;

  const look = (): void => {
    if (cancel === null) return;
    const over = clock() - due;
    if (over <= usual) return;
    due += over;
    late(over);
  };

  const arm = (): void => {
    due = clock() + every;
    cancel = setTimer(every, () => {
      look();
      cancel = null;
      if (wanted() && clock() < until) arm();
    });
  };

  return {
    watch() {
      until = clock() + longest;
      if (cancel === null) arm();
    },
    look,
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
