import { inspect } from './directory/inspect.ts';
import type { Inspection } from './inspect.ts';
import { openBackend, type Spot, type SpotDeps } from './open-backend.ts';

export interface Peek extends Inspection {
  /** Why a server could not be looked at, where it said. */
  readonly reason: { readonly text: string; readonly next: string } | null;
}

/** What is at an address right now, of a place that need not be in use. Nothing is written there. */
export async function peek(deps: SpotDeps, spot: Spot): Promise<Peek> {
  if (spot.address.kind === 'directory') return { ...(await inspect(spot.address.path)), reason: null };
  const backend = openBackend(deps, spot);
  try {
    const seen = await backend.inspect();
    return { ...seen, reason: backend.reason?.() ?? null };
  } finally {
    await backend.close().catch(() => {});
  }
}
