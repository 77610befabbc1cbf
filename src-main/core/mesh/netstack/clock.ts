/** Time as the stack wants it. Not the wall clock: that jumps when it is set. */
export interface Clock {
  /** Milliseconds from any beginning, never going back; fractions welcome. */
  now(): number;
  /** Call `fire` once, in `ms` milliseconds or a little later. Returns a cancel. */
  setTimer(ms: number, fire: () => void): () => void;
}
