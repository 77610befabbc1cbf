/** A file that was written to so recently may still be being written. */
export const restMs = 2000;

/**
 * Tells files that rest from those that somebody is still writing. By their times where those lie in the past; where they do not (just
 * written, or the clock was set back), a file rests when it looked the same twice, {@link restMs} apart.
 */
export function createRest(now: () => number) {
  let seen = new Map<string, { readonly print: string; readonly at: number }>();
  let next = new Map<string, { readonly print: string; readonly at: number }>();
  return {
    rests(path: string, print: string, touchedMs: number): boolean {
      if (now() - touchedMs >= restMs) return true;
      const before = seen.get(path);
      const at = before?.print === print ? before.at : now();
      next.set(path, { print, at });
      return now() - at >= restMs;
    },
    /** A look is over: what it did not meet is forgotten. */
    turn(): void {
      seen = next;
      next = new Map();
    },
  };
}
export type Rest = ReturnType<typeof createRest>;
