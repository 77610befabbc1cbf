import type { PeerId } from './effects.ts';

/** Lists of all neighbours but one, made once for the many announcements in a row that one neighbour causes. */
export interface Neighbours {
  /** @returns a list that nobody changes any more */
  but(except: PeerId | null): readonly PeerId[];
  /** One came or went. */
  changed(): void;
}

export function createNeighbours(links: ReadonlyMap<PeerId, unknown>): Neighbours {
  let all: readonly PeerId[] | null = null;
  let others: readonly PeerId[] | null = null;
  let without: PeerId | null = null;
  return {
    but(except) {
      all ??= [...links.keys()];
      if (except === null || !links.has(except)) return all;
      if (others === null || without !== except) {
        without = except;
        others = all.filter((peer) => peer !== except);
      }
      return others;
    },
    changed() {
      all = null;
      others = null;
    },
  };
}
