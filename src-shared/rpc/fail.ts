import { z } from 'zod';

/**
 * An expected failure, crossing every transport as data.
 *
 * `code` is stable and listed in the contract; `message` says what happened; `meaning` says what it means for the
 * person's data or money; `next` says what to do. `data` carries machine-readable detail (for example `retryAt`).
 */
export const failureSchema = z.object({
  code: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  message: z.string(),
  meaning: z.string().optional(),
  next: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type Failure = z.infer<typeof failureSchema>;

/** Codes any method may return, whatever its own list says; they come from the broker and the transports. */
export const commonErrors = [
  'BAD_INPUT', // the input does not have the method's shape
  'UNKNOWN_METHOD',
  'FORBIDDEN', // this kind of caller may not call this method
  'LOCKED', // needs person keys; unlock first
  'CONSENT_NEEDED', // nobody can be asked right now
  'CONSENT_DENIED',
  'CONSENT_EXPIRED',
  'CANCELLED',
  'BUSY', // a per-connection or per-agent limit is reached
  'DISCONNECTED',
  'DISK_FULL',
  'INTERNAL', // a fault; `data.incident` finds it in the log
] as const;
export type CommonError = (typeof commonErrors)[number];

/** Thrown by handlers for failures the contract lists, and by clients when such a failure arrives. */
export class Fail extends Error {
  readonly code: string;
  readonly meaning: string | undefined;
  readonly next: string | undefined;
  readonly data: Record<string, unknown> | undefined;

  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'Fail';
    this.code = failure.code;
    this.meaning = failure.meaning;
    this.next = failure.next;
    this.data = failure.data;
  }

  toFailure(): Failure {
    const { code, message, meaning, next, data } = this;
    return {
      code,
      message,
      ...(meaning === undefined ? {} : { meaning }),
      ...(next === undefined ? {} : { next }),
      ...(data === undefined ? {} : { data }),
    };
  }
}

/** Shorthand: `throw fail('NOT_FOUND', 'There is no machine named web-1.', { next: 'Look at the list of machines.' })`. */
export function fail(code: string, message: string, more: Omit<Failure, 'code' | 'message'> = {}): Fail {
  return new Fail({ code, message, ...more });
}

export function isFail(error: unknown, code?: string): error is Fail {
  return error instanceof Fail && (code === undefined || error.code === code);
}
