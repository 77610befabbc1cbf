/*
 * Who sends many routing messages waits for turns. One costs 5 to 20 microseconds, more than ten packets do: a peer who floods us
 * with them, or many peers together, could hold the loop for as long as they like, and everybody's packets with it. So each link
 * has a few messages that are worked on at once; what is beyond them waits (node/inlet.ts), and is worked on in short slices, a few
 * messages of each link in turn. While packets move, slices have a seventh of the time at most; while none do, all of it.
 */

export interface ControlTurnsDeps {
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** After whatever else waits now. */
  readonly soon: (run: () => void) => void;
}

export interface ControlTurns {
  /** Wait for turns. @param serve does a little; it returns whether more is left, and waits again if so */
  wait(serve: () => boolean): void;
  /** A packet moved. */
  moved(): void;
  stop(): void;
}

/** Milliseconds that a slice takes, about: what a packet may come to wait for it. */
const sliceMs = 0.5;
/** Packets moved a moment ago: they may come again at any time. */
const momentMs = 100;
/** While packets move a pause of so many times its length follows a slice. */
const restShare = 6;

export function createControlTurns({ clock, setTimer, soon }: ControlTurnsDeps): ControlTurns {
  const waiting: (() => boolean)[] = [];
  let running = false;
  let moved = false;
  let movedAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let cancel: (() => void) | null = null;

  const slice = (): void => {
    cancel = null;
    if (stopped) return;
    const begun = clock();
    if (moved) movedAt = begun;
    moved = false;
    let spent = 0;
    for (let serve = waiting.shift(); serve !== undefined; serve = waiting.shift()) {
      if (serve()) waiting.push(serve);
      spent = clock() - begun;
      if (spent >= sliceMs) break;
    }
    running = waiting.length > 0;
    if (running && begun - movedAt < momentMs) cancel = setTimer(spent * restShare, slice);
    else if (running) soon(slice);
  };

  return {
    wait(serve) {
      waiting.push(serve);
      if (running || stopped) return;
      running = true;
      soon(slice);
    },
    moved() {
      moved = true;
    },
    stop() {
      stopped = true;
      waiting.length = 0;
      cancel?.();
    },
  };
}
