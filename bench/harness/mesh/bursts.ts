/**
 * The least of several short bursts, of whatever is measured. Where more processes want to run than there are cores, a run of
 * a second measures mostly who was made to wait, or to begin anew with cold caches; a burst now and then gets through
 * undisturbed. Both sides of a contest are measured so.
 */
export async function least(burst: () => Promise<number>, bursts = 6): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < bursts; i++) best = Math.min(best, await burst());
  return best;
}
