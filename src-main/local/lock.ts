import { chmodSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makeDirectorySync } from '#core/store/make-directory.ts';
import { fail } from '#shared/rpc/fail.ts';

export interface HomeLock {
  release(): void;
}

/**
 * Own a data directory, or null when another process does.
 *
 * @throws Fail HOME_OPEN when other accounts can enter it and it is not ours to close.
 *
 * The lock is the operating system's own, on a small SQLite file (fcntl on Unix, LockFileEx on Windows; sqlite.org
 * "File Locking And Concurrency"). The kernel lets it go the moment the process ends however it ends, so there is no
 * stale lock to recognise and no race between looking and taking. A pid file would have both.
 */
export function lockHome(home: string, emptied = false): HomeLock | null {
  makeDirectorySync(home);
  closeToOthers(home);
  // Nothing is ever written: the exclusive lock is all that is wanted of it. No wait: the loser attaches instead.
  const path = join(home, 'lock.db');
  let db: DatabaseSync;
  try {
    db = takeLock(path);
    if (process.platform !== 'win32') chmodSync(path, 0o600);
  } catch (error) {
    // 5 SQLITE_BUSY
    if (codeOf(error) === 5) return null;
    // 26 SQLITE_NOTADB: something else wrote to it. Emptied and not removed, so that all still lock the same file.
    if (codeOf(error) !== 26 || emptied) throw error;
    truncateSync(path);
    return lockHome(home, true);
  }
  return {
    release() {
      if (db.isOpen) db.close();
    },
  };
}

const codeOf = (error: unknown): number => ((error as { errcode?: number }).errcode ?? 0) % 256;

function takeLock(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec('PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** What may be in a data directory before its owner is: the log of this start, and the window's own folder. */
const beforeOwning = ['logs', 'window'];

/**
 * A directory made beforehand (`--home DIR`) may be open to other accounts. It is closed to them when it is ours: empty
 * but for what this start put there, or owned before. Anything else is left alone, for `--home /tmp` must not shut
 * everybody else out, and refused: what lies in a data directory is for its owner alone.
 *
 * @throws Fail HOME_OPEN
 */
function closeToOthers(home: string): void {
  if (process.platform === 'win32' || (statSync(home).mode & 0o077) === 0) return;
  const entries = readdirSync(home);
  if (entries.includes('lock.db') || entries.every((name) => beforeOwning.includes(name))) {
    chmodSync(home, 0o700);
    return;
  }
  throw fail('HOME_OPEN', `Other accounts can enter ${home}, and there are other things in it.`, {
    meaning: 'Nothing was started: keys and names of files would have been open to them.',
    next: `Choose another directory with --home DIR, or close this one to others: chmod 700 ${home}`,
  });
}
