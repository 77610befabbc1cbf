import { fail, isFail } from '#shared/rpc/fail.ts';

/** Whether somebody met a full disk: a file of ours (ENOSPC, EDQUOT), qemu-img in its words, or one that told it already. */
export function isDiskFull(error: unknown): boolean {
  if (isFail(error)) return error.code === 'DISK_FULL';
  const { code, stderr } = (error ?? {}) as { code?: unknown; stderr?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device/.test(String(stderr ?? ''));
}

const message = 'This computer’s disk is full.';

/** What becomes of an action that could not be begun, because it could not be written down; anything else as it is. */
export function notWritten(error: unknown): unknown {
  if (!isDiskFull(error)) return error;
  return fail('DISK_FULL', message, {
    meaning: 'This was not done. What was there before is untouched.',
    next: 'Free some space, then try again.',
  });
}

/** The same of a start that was under way. */
export function notStarted(error: unknown): unknown {
  if (!isDiskFull(error)) return error;
  return fail('DISK_FULL', message, {
    meaning: 'The machine is not running. What it had before is untouched.',
    next: 'Free some space, then start it again.',
  });
}
