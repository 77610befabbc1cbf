/**
 * What went wrong with a place across a network, as the vault tells places apart. `silent`: nobody answers (in time);
 * `refused`: they answer and will not; `absent`: what should hold the place is not there; `full`: no more room; `broken`: the
 * answer is not what it must be; `closed`: we ended it ourselves.
 */
type Kind = 'silent' | 'refused' | 'absent' | 'full' | 'broken' | 'closed';

/** The codes that file systems give for the same, which is what callers of a store look at. */
const codes: Readonly<Record<Kind, string>> = {
  silent: 'ETIMEDOUT',
  refused: 'EACCES',
  absent: 'ENOENT',
  full: 'ENOSPC',
  broken: 'EIO',
  closed: 'ECANCELED',
};

/** An error of a remote place in words for a person: `message` says what happened, `next` what to do. */
export class Trouble extends Error {
  readonly kind: Kind;
  readonly code: string;
  readonly next: string;
  /** The same may well work in a moment. */
  readonly passing: boolean;

  constructor(kind: Kind, message: string, more: { next?: string; passing?: boolean; cause?: unknown } = {}) {
    super(message, { cause: more.cause });
    this.name = 'Trouble';
    this.kind = kind;
    this.code = codes[kind];
    this.next = more.next ?? 'See that the server and the network are there. It is used again as soon as it answers.';
    this.passing = more.passing ?? kind === 'silent';
  }
}

/** Why a place is not what it should be, for people. Null: nothing is known against it. */
export interface Reason {
  readonly text: string;
  readonly next: string;
}

export const reasonOf = (error: unknown): Reason =>
  error instanceof Trouble
    ? { text: error.message, next: error.next }
    : { text: error instanceof Error ? error.message : String(error), next: 'Look at the log for more.' };
