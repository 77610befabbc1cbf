/** After this many crashes within the window the core is not started again by itself. */
const mostCrashes = 5;
const windowMs = 120_000;
const firstDelayMs = 250;
const longestDelayMs = 10_000;

export type Restart = { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'give up' };

/**
 * What to do after the core crashed. `crashes` are the times (ms) of all its crashes, the newest last. The first start
 * again is almost at once, each further one within two minutes waits twice as long.
 */
export function afterCrash(crashes: readonly number[], now: number): Restart {
  const recent = crashes.filter((at) => now - at <= windowMs).length;
  if (recent >= mostCrashes) return { kind: 'give up' };
  return { kind: 'wait', ms: Math.min(firstDelayMs * 2 ** Math.max(0, recent - 1), longestDelayMs) };
}
