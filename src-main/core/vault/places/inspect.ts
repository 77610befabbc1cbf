import type { PlaceIdentity } from '../format/place-identity.ts';

/**
 * What is at the address of a place right now. `free` in bytes, null where nobody says. `place`: it bears the mark of a place, of
 * whichever vault; `unmarked`: it holds something, but no mark; `bad-mark`: the mark is there and damaged, or of a later release;
 * `unreadable`: it, or its mark, cannot be looked at; `silent`: it does not answer.
 */
export interface Inspection {
  readonly kind: 'absent' | 'not-a-directory' | 'empty' | 'place' | 'unmarked' | 'bad-mark' | 'unreadable' | 'silent';
  readonly identity: PlaceIdentity | null;
  readonly writable: boolean;
  /** Of a directory its file system, or that of the nearest directory above it that exists: what fails together. */
  readonly device: string;
  readonly free: number | null;
}

/** Below this a place counts as full: the next pack might not fit. */
export const fullBelow = 16 * 1024 * 1024;
