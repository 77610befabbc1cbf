import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';

export const tooLarge = (limit: number): Fail =>
  fail('MESSAGE_TOO_LARGE', `A message may have ${limit} bytes at most.`, {
    meaning: 'It was not sent.',
    next: 'Send it in parts, or share it as a file.',
    data: { limit },
  });

export const topicTooLong = (limit: number): Fail =>
  fail('TOPIC_TOO_LONG', `A topic may have ${limit} bytes at most.`, { meaning: 'Nothing was sent.', data: { limit } });

export const noDestination = (): Fail =>
  fail('BAD_INPUT', 'This is no address of the mesh.', {
    meaning: 'Nothing was sent.',
    next: 'Addresses of the mesh begin with 4 or 5, as in 4ab:…; or give the public key, 64 hex digits.',
  });

export const badTtl = (longest: number): Fail =>
  fail('BAD_INPUT', 'A message can wait for its receiver between a second and thirty days.', { data: { longest } });

export const outboxFull = (messages: number): Fail =>
  fail('OUTBOX_FULL', `${messages} messages wait to be delivered; there is no room for another.`, {
    meaning: 'It was not sent.',
    next: 'Wait until a receiver is online, or cancel some of those that wait.',
    data: { waiting: messages },
  });

export const inboxFull = (): Fail =>
  fail('INBOX_FULL', 'There is no room in the own inbox.', {
    meaning: 'The message to this computer itself was not kept.',
    next: 'Read or delete some of what lies there.',
  });

export const tooManyWaiters = (): Fail =>
  fail('BUSY', 'Too many calls wait for messages already.', { next: 'End some of them, or try again later.' });

/** A fault of the database as what it means to the person; others are passed on as they are. */
export function storeFailure(error: unknown, meaning: string): unknown {
  if (isFail(error)) return error;
  // Result codes of SQLite; the upper bits only refine them.
  const code = ((error as { errcode?: unknown } | null)?.errcode as number | undefined) ?? 0;
  switch (code & 0xff) {
    case 13: // SQLITE_FULL
      return fail('DISK_FULL', 'The disk is full.', { meaning, next: 'Free some space, then try again.' });
    case 10: // SQLITE_IOERR
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return fail('DATABASE_DAMAGED', 'The mailbox cannot be read or written.', {
        meaning,
        next: 'Start Hypha again: it looks the mailbox over then, and restores it from its last good copy if it must.',
      });
    default:
      return error;
  }
}
