import { ReplyError } from '../resp/reply.ts';

/**
 * What a 0-db (2.0.7) says no with, by its texts. `full`: the namespace's
 * limit; `disk`: its disk fails or is full; `denied`: wrong or missing password; `read-only`: the password was not given, or it is locked; `worm`:
 * nothing may be replaced or removed; `frozen`: nothing at all may be done; `gone`: no such namespace; `missing`: no such key;
 * `damaged`: stored bytes cannot be read; `refused`: anything else.
 */
export type ZdbReason =
  | 'full'
  | 'disk'
  | 'denied'
  | 'read-only'
  | 'worm'
  | 'frozen'
  | 'gone'
  | 'missing'
  | 'damaged'
  | 'refused';

const reasons: readonly (readonly [RegExp, ZdbReason])[] = [
  [/^No space left on this namespace/, 'full'],
  [/^Cannot write (data|index) right now/, 'disk'],
  [/^(Access denied|Namespace protected and private|Permission denied|Authentication disabled)/, 'denied'],
  [/^Namespace is (in read-only mode|temporarily locked)/, 'read-only'],
  [/worm mode/, 'worm'],
  [/^Namespace is temporarily frozen/, 'frozen'],
  [/^(Namespace not found|Your active namespace is not available|This namespace doesn't exists)/, 'gone'],
  [/^Key not found/, 'missing'],
  [/^Internal Error/, 'damaged'],
];

/** `code` is ENOSPC where nothing more can be stored, as with a disk. */
export class ZdbError extends Error {
  readonly reason: ZdbReason;
  readonly code: 'ENOSPC' | undefined;
  constructor(text: string) {
    super(`0-db: ${text}`);
    this.name = 'ZdbError';
    this.reason = reasons.find(([pattern]) => pattern.test(text))?.[1] ?? 'refused';
    this.code = this.reason === 'full' || this.reason === 'disk' ? 'ENOSPC' : undefined;
  }
}

/** An error reply as {@link ZdbError}; anything else as it is. */
export const typed = (error: unknown): unknown => (error instanceof ReplyError ? new ZdbError(error.message) : error);
