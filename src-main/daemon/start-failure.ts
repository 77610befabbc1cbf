import { dirname, join } from 'node:path';
import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';

interface SystemError {
  readonly code?: unknown;
  readonly path?: unknown;
  readonly syscall?: unknown;
  /** Where a rename or link was to lead. */
  readonly dest?: unknown;
  /** Of node:sqlite: SQLite's extended result code. */
  readonly errcode?: unknown;
  readonly message?: unknown;
}

/** Why the agent could not start, with what it means and what to do, from whatever the system threw. */
export function startFailure(error: unknown, home: string): Fail {
  if (isFail(error)) return error;
  const { code, path, syscall, dest, errcode, message } = (error ?? {}) as SystemError;
  // The lock is the one database that is opened without words of its own.
  const lock = typeof errcode === 'number' ? join(home, 'lock.db') : null;
  const at = [dest, path].find((p): p is string => typeof p === 'string') ?? lock ?? home;
  const elsewhere = 'Or choose another data directory with --home DIR.';
  const because = (what: string, next: string) =>
    fail('START_FAILED', `The agent cannot start: ${what}.`, { meaning: 'What is stored is not affected.', next });

  switch (code) {
    case 'EROFS':
      return because(`${at} lies on a disk that can only be read`, `Make that disk writable. ${elsewhere}`);
    case 'EACCES':
    case 'EPERM':
      return because(
        `your account may not use ${at}`,
        `Give your account the right to read and write it. ${elsewhere}`,
      );
    case 'EISDIR':
    case 'ERR_FS_EISDIR':
      return because(`${at} is a directory, and Hypha keeps a file there`, 'Move it away and start again.');
    case 'ENOTDIR':
    case 'EEXIST':
      return because(
        `a file lies where Hypha keeps a directory (${at}, or what it lies in)`,
        `Move the file away and start again. ${elsewhere}`,
      );
    case 'ENOENT':
      // All else that may be missing is made: what is left is where the system makes nothing (/proc, an empty drive).
      if (syscall !== 'mkdir') break;
      return because(
        `no directory can be made at ${at}`,
        'Choose a data directory on a disk of your own with --home DIR.',
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return because(`the disk of ${dirname(at)} is full`, 'Free some space and start again.');
    default:
  }
  if (lock !== null) {
    // 8 SQLITE_READONLY, 10 SQLITE_IOERR, 13 SQLITE_FULL, 14 SQLITE_CANTOPEN, all of them about the file and none about what is in it.
    return because(
      `${lock} cannot be opened (${String(message)})`,
      `See that it is a file which your account may write, on a disk that is neither full nor read-only. ${elsewhere}`,
    );
  }
  return because(String(message ?? error), `Its log says more: ${join(home, 'logs', 'agent.log')}`);
}
