import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { syncDirectory } from './atomic-file.ts';

export const copyOf = (path: string): string => `${path}.copy`;

/**
 * SQLite gives `-wal` and `-shm` the mode of the database, so making that one first, for its owner alone, covers all. One that
 * is there is not opened: closing it again would drop the locks that this process may hold on it (sqlite.org/howtocorrupt.html).
 */
export function makePrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
  for (const each of [path, `${path}-wal`, `${path}-shm`, copyOf(path)]) {
    const found = statSync(each, { throwIfNoEntry: false });
    if (found !== undefined && (found.mode & 0o077) !== 0) chmodSync(each, 0o600);
  }
}

/** A database that is gone or empty is as lost as a damaged one: SQLite would begin a new one without a word. */
export function isLost(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return existsSync(copyOf(path)) && (found === undefined || (found.isFile() && found.size === 0));
}

/**
 * The copy holds what the database held when it was last closed: it bears the time of the last write to that, and nothing was
 * written since. Which of two times is later says nothing, for clocks are set back. Look before opening: that alone makes a new log.
 */
export function isCopied(path: string): boolean {
  const [found, copy, wal] = [path, copyOf(path), `${path}-wal`].map((each) =>
    statSync(each, { throwIfNoEntry: false }),
  );
  if (found === undefined || copy === undefined || (wal !== undefined && wal.size > 0)) return false;
  return found.size === copy.size && toMs(found.mtimeMs) === toMs(copy.mtimeMs);
}

/** Finer than this a time cannot be set everywhere. */
const toMs = (time: number): number => Math.floor(time);

/**
 * Put the copy in the place of a damaged database, which is kept under the first free `PATH.damaged-N`. At every moment
 * of it either the damaged file or the copy is at `path`, so that being cut off loses neither.
 *
 * @returns the path of the damaged one.
 */
export function restoreFromCopy(path: string): string {
  let n = 1;
  while (existsSync(`${path}.damaged-${n}`)) n += 1;
  const aside = `${path}.damaged-${n}`;
  if (existsSync(path)) {
    try {
      linkSync(path, aside);
    } catch {
      // Not every file system links.
      copyFileSync(path, aside);
    }
  }
  // The write-ahead log of the damaged one must not be played into the copy.
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  renameSync(copyOf(path), path);
  return aside;
}

/**
 * Keeps the copy: one at a time, none when nothing changed, in steps that let other work go on (sqlite.org/backup.html).
 * Durable when it resolves, and checked before it replaces the one before.
 *
 * @param copied the copy is up to date now.
 */
export function createCopier(db: DatabaseSync, path: string, copied: boolean): () => Promise<void> {
  const counter = db.prepare('SELECT total_changes() AS changes');
  const changes = (): number => (counter.get() as { changes: number }).changes;
  let upTo = copied ? changes() : -1;
  let last: Promise<void> = Promise.resolve();

  async function copy(): Promise<void> {
    const now = changes();
    if (now === upTo) return;
    const fresh = `${path}.copy-new`;
    try {
      for (const left of [fresh, `${fresh}-wal`, `${fresh}-shm`]) rmSync(left, { force: true });
      closeSync(openSync(fresh, 'wx', 0o600));
      // What closing would write is written now, so that the database has the time then that the copy is given.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      const written = toMs(statSync(path).mtimeMs) / 1000;
      await backup(db, fresh);
      check(fresh);
      const handle = await open(fresh, 'r+');
      try {
        // Half a millisecond more, for the way back from seconds must not end in the one before.
        await handle.utimes(written, written + 0.0005);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(fresh, copyOf(path));
      await syncDirectory(dirname(path));
      upTo = now;
    } catch (error) {
      await rm(fresh, { force: true });
      throw error;
    }
  }

  return () => {
    last = last.catch(() => {}).then(copy);
    return last;
  };
}

/** A page that went bad since the start must not reach the copy that would mend it. */
function check(path: string): void {
  // Not read-only: that would leave its log behind.
  const copy = new DatabaseSync(path);
  try {
    const found = copy.prepare('PRAGMA quick_check(1)').get() as { quick_check?: string } | undefined;
    if (found?.quick_check !== 'ok') throw new Error(`the copy would be damaged: ${found?.quick_check}`);
  } finally {
    copy.close();
  }
}
