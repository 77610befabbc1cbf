import type { PlaceBackend } from '../places/backend.ts';
import type { Clock } from './timing.ts';
import { type Reason, reasonOf, Trouble } from './trouble.ts';

export interface RemoteBackend extends PlaceBackend {
  /** Why the last call did not work; null when it did. */
  reason(): Reason | null;
}

/** After a refused write the place counts as one that takes none for so long; then it is tried again. */
const readOnlyMs = 5 * 60_000;

/** Remembers how calls went: why the last one failed, and whether writes are taken at all. */
export function createHealth(clock: Clock) {
  let reason: Reason | null = null;
  let readOnlyUntil = 0;
  const reading = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      reason = null;
      return result;
    } catch (error) {
      reason = reasonOf(error);
      throw error;
    }
  };
  return {
    reading,
    async writing<T>(work: Promise<T>): Promise<T> {
      try {
        const result = await reading(work);
        readOnlyUntil = 0;
        return result;
      } catch (error) {
        if (error instanceof Trouble && error.kind === 'refused') readOnlyUntil = clock.now() + readOnlyMs;
        throw error;
      }
    },
    /** Writes are taken, as far as is known. */
    writable: (): boolean => clock.now() >= readOnlyUntil,
    reason: (): Reason | null => reason,
  };
}
