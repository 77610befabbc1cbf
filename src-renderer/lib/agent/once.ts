import { doubleClickMs } from '../double-click.ts';

interface Sent {
  readonly answer: Promise<unknown>;
  /** When its answer came; null while it is under way. */
  doneAt: number | null;
}

/**
 * Lets nobody send the same thing twice: a call under way is not sent again, nor is one that was answered within the
 * time of a double click, for its second half means nothing. What failed may be tried again at once.
 */
export interface Once {
  /** The answer of the same call if it is not to be sent again, else undefined. */
  underWay(input: unknown): Promise<unknown> | undefined;
  /** Remember a call that was just sent. */
  sent(input: unknown, answer: Promise<unknown>): void;
}

export function createOnce(now: () => number): Once {
  const calls = new Map<string, Sent>();
  return {
    underWay(input) {
      const key = keyOf(input);
      const call = calls.get(key);
      if (call === undefined) return undefined;
      if (call.doneAt === null || now() - call.doneAt < doubleClickMs) return call.answer;
      calls.delete(key);
      return undefined;
    },
    sent(input, answer) {
      const key = keyOf(input);
      const call: Sent = { answer, doneAt: null };
      // Inputs may hold passphrases, and are forgotten as soon as they have served: one answered call is kept.
      for (const [old, { doneAt }] of calls) if (doneAt !== null) calls.delete(old);
      calls.set(key, call);
      answer.then(
        () => {
          call.doneAt = now();
        },
        () => {
          if (calls.get(key) === call) calls.delete(key);
        },
      );
    },
  };
}

const keyOf = (input: unknown): string => JSON.stringify(input) ?? '';
