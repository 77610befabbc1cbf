import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { randomId } from '#core/crypto/ids.ts';
import type { Host, Logger } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import type { ShareProgress } from '#shared/contract/shares.ts';
import { threePositions } from '../drafts.ts';

/** A set of shares that is being written down, one after the other; in memory only. */
interface Held {
  readonly set: string;
  readonly threshold: number;
  readonly shares: readonly (readonly string[])[];
  readonly checks: readonly (readonly number[])[];
  readonly expiresAt: number;
  /** How many are written down. */
  done: number;
  readonly cancel: () => void;
}

const lifeMs = 60 * 60_000;
const madeSchema = z.object({ v: z.literal(1), at: z.number(), count: z.number(), threshold: z.number() });
export type MadeShares = Omit<z.infer<typeof madeSchema>, 'v'>;

export type HeldShares = ReturnType<typeof createHeldShares>;

/**
 * Holds one set of shares for an hour at most while it is written down, and remembers in `shares.json` that a set was: when, and how many of how
 * many. What a share says goes nowhere but to the screen. Strings cannot be wiped; they are dropped with each share that is done.
 */
export function createHeldShares(directory: string, host: Host, log: Logger, changed: () => void) {
  const path = join(directory, 'shares.json');
  let held: Held | null = null;
  let made: MadeShares | null = null;

  const drop = (): void => {
    held?.cancel();
    held = null;
  };
  const progressOf = ({ set, threshold, shares, done, expiresAt }: Held): ShareProgress => ({
    ...{ set, threshold, expiresAt },
    count: shares.length,
    next: done < shares.length ? done + 1 : null,
  });
  /** The share that is to be written down now, if it is this one. */
  const current = (set: string, number: number): { words: readonly string[]; check: readonly number[] } | null => {
    if (held?.set !== set || number !== held.done + 1) return null;
    const [words, check] = [held.shares[number - 1], held.checks[number - 1]];
    return words && check ? { words, check } : null;
  };

  return {
    async start(): Promise<void> {
      try {
        const { v: _, ...rest } = madeSchema.parse(JSON.parse(await readFile(path, 'utf8')));
        made = rest;
      } catch (error) {
        // Only a reminder for the person: without it the shares are as good.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          log.warn({ path }, 'when shares were made is not known');
        made = null;
      }
    },
    made: () => made,
    open: () => (held ? progressOf(held) : null),
    hold(shares: readonly (readonly string[])[], threshold: number): ShareProgress {
      drop();
      held = {
        set: randomId(host.random),
        ...{ threshold, shares },
        checks: shares.map((words) => threePositions(host.random, words.length)),
        expiresAt: host.now() + lifeMs,
        done: 0,
        cancel: host.setTimer(lifeMs, drop),
      };
      return progressOf(held);
    },
    current,
    /** The share is written down; with the last one the set is remembered as made. */
    async written(set: string, number: number): Promise<ShareProgress | null> {
      if (!held || !current(set, number)) return null;
      const { shares, threshold } = held;
      if (number === shares.length) {
        const now: MadeShares = { at: host.now(), count: shares.length, threshold };
        await writeFileAtomic(path, `${JSON.stringify({ v: 1, ...now })}\n`);
        made = now;
        changed();
      }
      held = { ...held, shares: shares.map((words, i) => (i < number ? [] : words)), done: number };
      const progress = progressOf(held);
      if (progress.next === null) drop();
      return progress;
    },
    drop,
  };
}
