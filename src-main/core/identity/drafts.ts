import { randomId } from '#core/crypto/ids.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { Host } from '#core/host.ts';

/** A phrase that was shown and not yet used: in memory only. */
export interface Draft {
  readonly id: string;
  readonly entropy: Uint8Array;
  /** The three positions (0 to 23, ascending) the person is asked for. */
  readonly check: readonly number[];
}

export interface Drafts {
  make(): Draft;
  /** Null when it is unknown or older than half an hour. */
  find(id: string): Draft | null;
  clear(): void;
}

const lifeMs = 30 * 60_000;
const most = 8;

export function createDrafts(host: Host): Drafts {
  const drafts = new Map<string, { draft: Draft; cancel: () => void }>();
  const drop = (id: string) => {
    const held = drafts.get(id);
    if (held === undefined) return;
    held.cancel();
    wipe(held.draft.entropy);
    drafts.delete(id);
  };
  return {
    make() {
      const oldest = drafts.keys().next();
      if (drafts.size >= most && !oldest.done) drop(oldest.value);
      const draft = { id: randomId(host.random), entropy: host.random(32), check: threePositions(host.random) };
      drafts.set(draft.id, { draft, cancel: host.setTimer(lifeMs, () => drop(draft.id)) });
      return draft;
    },
    find: (id) => drafts.get(id)?.draft ?? null,
    clear() {
      for (const id of [...drafts.keys()]) drop(id);
    },
  };
}

/** Three different positions of so many (at most 255), each set as likely as any other, ascending. */
export function threePositions(random: (n: number) => Uint8Array, words = 24): number[] {
  const chosen = new Set<number>();
  const most = 256 - (256 % words);
  while (chosen.size < 3) {
    // Up to the largest multiple in a byte: above it the remainder would favour low positions.
    for (const byte of random(8)) if (byte < most && chosen.size < 3) chosen.add(byte % words);
  }
  return [...chosen].sort((a, b) => a - b);
}
