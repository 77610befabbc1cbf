/**
 * The shortest of several short bursts, in seconds. Where more processes want to run than there are cores, a run of a second
 * measures mostly who was made to wait; a burst now and then gets through undisturbed. Both sides are measured so.
 */
export async function shortest(burst: () => Promise<number>, bursts = 6): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < bursts; i++) best = Math.min(best, await burst());
  return best;
}
