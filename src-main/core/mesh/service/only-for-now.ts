import { fail } from '#shared/rpc/fail.ts';

/**
 * What a person takes away is taken away also where that cannot be written down: said so, since the next start knows nothing of it.
 *
 * @param error of the database
 * @param done what holds now, as the beginning of a sentence
 */
export function onlyForNow(error: unknown, done: string): unknown {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  // 13 SQLITE_FULL; the upper bits only refine it: https://sqlite.org/rescode.html. Another fault is told as one.
  if (typeof code !== 'number' || (code & 0xff) !== 13) return error;
  return fail('NOT_KEPT', `${done}, but that could not be kept: the disk is full.`, {
    meaning: 'At the next start of Hypha it is as before.',
    next: 'Free some space, then do it again.',
  });
}
