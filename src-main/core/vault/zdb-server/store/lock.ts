import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process has the directory open. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

const lockName = 'hypha.lock';

/**
 * Take a directory for this process until the returned function is called or the process ends, however it ends. Node has no
 * file locks, SQLite has: an exclusive transaction on an empty database that is never written. (0-db's own lock is
 * flock(2) on `.lockfile`, which is out of reach here: do not start one on a directory that is in use.)
 *
 * @throws DirectoryInUse
 */
export function lockDirectory(directory: string): () => void {
  const database = new DatabaseSync(join(directory, lockName));
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    // 5 SQLITE_BUSY
    if ((error as { errcode?: number }).errcode === 5) throw new DirectoryInUse(`${directory} is in use`);
    throw error;
  }
  return () => database.close();
}
