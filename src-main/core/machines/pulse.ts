import type { Host } from '#core/host.ts';
import { pause } from './images/download.ts';
import type { Live } from './live.ts';

/** How often a running QEMU is asked whether it is there, and how long its answer may take. */
export const pulseMs = 9_000;
/** Beats without an answer after which it counts as silent. */
const missesForSilent = 3;

/**
 * Ask a machine's QEMU now and then whether it answers, and note in `live.silent` when it does not. One that keeps a snapshot's
 * memory is silent too, for a while: nothing is ended for it, the person is told and decides.
 *
 * @param changed it fell silent, or answers again
 */
export async function watchPulse(live: Live, host: Host, changed: () => void): Promise<void> {
  for (let misses = 0; !live.released && !live.hasGone; ) {
    await pause(host, pulseMs);
    const { qmp } = live;
    // An answer that is due already is waited for, instead of asking again.
    if (!qmp.lost && qmp.overdue === 0) await qmp.execute('query-status', {}, pulseMs).catch(() => {});
    misses = qmp.overdue > 0 ? misses + 1 : 0;
    const silent = misses >= missesForSilent;
    if (silent === live.silent || live.released) continue;
    live.silent = silent;
    changed();
  }
}

export const silentWords =
  'QEMU has not answered for half a minute. It hangs, or is busy with a snapshot. If this stays so, switch the machine off by force.';
