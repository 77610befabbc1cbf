import { ReplyError } from '../resp/reply.ts';

/** `full`: its memory or disk takes no more; `denied`: user, password or rights; `read-only`: a replica; `busy`: starting up. */
export type RedisReason = 'full' | 'denied' | 'read-only' | 'busy' | 'refused';

/** The word that error replies of Redis begin with says what they are. */
const reasons: Readonly<Record<string, RedisReason>> = {
  OOM: 'full',
  // Its last snapshot or append to its log failed: almost always a full disk, and writes are refused until one succeeds.
  MISCONF: 'full',
  NOAUTH: 'denied',
  WRONGPASS: 'denied',
  NOPERM: 'denied',
  READONLY: 'read-only',
  LOADING: 'busy',
  BUSY: 'busy',
  MASTERDOWN: 'busy',
};

/** `code` is ENOSPC where nothing more can be stored, as with a disk. */
export class RedisError extends Error {
  readonly reason: RedisReason;
  readonly code: 'ENOSPC' | undefined;
  constructor(text: string) {
    super(`Redis: ${text}`);
    this.name = 'RedisError';
    const word = /^[A-Z]+/.exec(text)?.[0] ?? '';
    // What a server says that has no users says it in words.
    this.reason = reasons[word] ?? (/invalid password|without any password/.test(text) ? 'denied' : 'refused');
    this.code = this.reason === 'full' ? 'ENOSPC' : undefined;
  }
}

/** The first thing that went wrong in a transaction, if any did: where a command of it is refused, all are. */
export function firstError(replies: readonly unknown[]): RedisError | null {
  for (const reply of replies.flat()) if (reply instanceof ReplyError) return new RedisError(reply.message);
  return null;
}

/** An error reply as {@link RedisError}; anything else as it is. */
export const typed = (error: unknown): unknown => (error instanceof ReplyError ? new RedisError(error.message) : error);
