import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Logger } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { copyOf, createCopier, isCopied, isLost, makePrivate, restoreFromCopy } from './last-good-copy.ts';
import { removeLeftovers } from './leftovers.ts';
import { createSettler, createSyncLog, type SyncLog } from './sync-log.ts';

export interface Database {
  readonly db: DatabaseSync;
  /** What the person should know about opening it; null when nothing. */
  readonly notice: { code: 'RESTORED_FROM_COPY'; text: string } | null;
  /** Write the last good copy beside the database, if anything changed; a damaged database is restored from it at the next start. */
  keepCopy(): Promise<void>;
  /** Run `work` in one transaction: all of it is durable when this returns, or none. */
  transaction<T>(work: () => T): T;
  /**
   * As `transaction`, but without waiting for the disk: durable when a {@link settled} called afterwards resolves, or a later
   * `transaction` returns. A power cut before that takes it back, and all after it: never it and not what came later.
   */
  transactionSoon<T>(work: () => T): T;
  /** Resolves when all that was committed before the call is durable. Waits off this thread, once for all who wait. */
  settled(): Promise<void>;
  close(): void;
}

interface Options {
  /** File path, or `:memory:` in tests. */
  path: string;
  /** Statements that lead from version n to n+1; only ever appended to. */
  migrations: readonly string[];
  log: Logger;
  /** Rows come by the thousand: more of it is held in memory, and its log is written back less often. */
  bulk?: boolean;
  /** Makes its log durable; tests watch it. */
  syncLog?: SyncLog;
}

/**
 * Open a SQLite database: WAL, every commit durable before it returns (synchronous=FULL), foreign keys on, migrated to
 * the newest version. A damaged file is set aside and the last good copy takes its place, with a notice.
 *
 * @throws Fail DATABASE_DAMAGED when there is no good copy; DATABASE_NEWER when a later release wrote it;
 * DATABASE_UNREADABLE when the system does not let us at it; DISK_FULL.
 */
export function openDatabase({ path, migrations, log, bulk = false, syncLog }: Options): Database {
  const inMemory = path === ':memory:';
  if (!inMemory) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    removeLeftovers(dirname(path));
  }
  let notice: Database['notice'] = null;
  const copied = !inMemory && isCopied(path);
  let db = !inMemory && isLost(path) ? null : tryOpen(path, log);
  if (db === null) {
    if (!existsSync(copyOf(path))) throw damaged(path, 'is damaged and there is no good copy of it');
    const aside = restoreFromCopy(path);
    db = tryOpen(path, log);
    if (db === null) throw damaged(path, 'and its copy are both damaged');
    notice = {
      code: 'RESTORED_FROM_COPY',
      text: `A damaged database was replaced by its last good copy; the damaged one is kept as ${aside}. Changes after that copy may be missing.`,
    };
    log.warn({ path, aside }, 'database restored from its last good copy');
  }
  const open = db;
  let migrated: boolean;
  try {
    migrated = migrate(open, migrations, path);
  } catch (error) {
    open.close();
    throw error;
  }
  if (bulk) open.exec('PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=4096');
  const keepCopy = createCopier(open, path, copied && notice === null && !migrated);
  const transaction = <T>(work: () => T): T => {
    open.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      open.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk may already have rolled back.
      if (open.isTransaction) open.exec('ROLLBACK');
      throw error;
    }
  };
  const itsLog = syncLog ?? (inMemory ? null : createSyncLog(`${path}-wal`));
  const { settled, touched, unsettled } = createSettler(async () => itsLog?.sync());
  return {
    db: open,
    notice,
    keepCopy: inMemory ? async () => {} : keepCopy,
    transaction,
    transactionSoon(work) {
      // In WAL mode NORMAL writes the log in the same order as FULL and leaves out the wait: https://sqlite.org/pragma.html#pragma_synchronous
      open.exec('PRAGMA synchronous=NORMAL');
      try {
        return transaction(work);
      } finally {
        open.exec('PRAGMA synchronous=FULL');
        touched();
      }
    },
    settled,
    close() {
      try {
        itsLog?.close(unsettled());
      } finally {
        if (open.isOpen) open.close();
      }
    },
  };
}

function damaged(path: string, how: string) {
  return fail('DATABASE_DAMAGED', `The database ${path} ${how}.`, {
    meaning: 'What it recorded (not the vault’s places, not the machines’ disks) cannot be read.',
    next: `Restore ${path} from a backup, or move it away to begin with an empty one.`,
  });
}

function unreadable(path: string, error: unknown, sqlite: number) {
  // 13 SQLITE_FULL. 10 SQLITE_IOERR, 14 SQLITE_CANTOPEN: so it calls it that the files beside it cannot be made or grow.
  const noRoom = sqlite === 13 || (error as { code?: unknown }).code === 'ENOSPC';
  if (noRoom || ((sqlite === 10 || sqlite === 14) && isDiskFull(dirname(path)))) {
    return fail('DISK_FULL', `The disk that ${path} lies on is full.`, {
      meaning: 'Nothing was changed.',
      next: 'Free some space and start again.',
    });
  }
  return fail('DATABASE_UNREADABLE', `The database ${path} cannot be opened: ${(error as Error).message}.`, {
    meaning: 'Nothing was changed.',
    next: 'See that it is a file which your account may read and write, and that no other program holds it.',
  });
}

/** Too little room for SQLite to open a database: its index of the log alone takes 32 KiB. */
function isDiskFull(directory: string): boolean {
  try {
    const space = statfsSync(directory);
    return space.bavail * space.bsize < 64 * 1024;
  } catch {
    return false;
  }
}

function tryOpen(path: string, log: Logger): DatabaseSync | null {
  let db: DatabaseSync | undefined;
  try {
    if (path !== ':memory:') makePrivate(path);
    db = new DatabaseSync(path, { timeout: 5_000 });
    db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;');
    const check = db.prepare('PRAGMA quick_check(1)').get() as { quick_check?: string } | undefined;
    const whole = check?.quick_check === 'ok';
    if (whole && versionFits(db)) return db;
    log.error({ path, check: check?.quick_check }, 'database check failed');
  } catch (error) {
    const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff;
    log.error({ path, error: String(error) }, 'database cannot be opened');
    // 11 SQLITE_CORRUPT, 26 SQLITE_NOTADB: damage. Anything else (locked, unreadable, full) is not, and must not cost data.
    if (code !== 11 && code !== 26) {
      if (db?.isOpen) db.close();
      throw unreadable(path, error, code);
    }
  }
  if (db?.isOpen) db.close();
  return null;
}

/** Tables without a version, or one below zero: nothing of ours leaves that, so something else wrote to the file. */
function versionFits(db: DatabaseSync): boolean {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version !== 0) return version > 0;
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

/** @returns whether there was anything to do. */
function migrate(db: DatabaseSync, migrations: readonly string[], path: string): boolean {
  const row = db.prepare('PRAGMA user_version').get() as { user_version: number };
  const version = row.user_version;
  if (version > migrations.length) {
    throw fail('DATABASE_NEWER', `The database ${path} was written by a newer release of Hypha.`, {
      meaning: 'Nothing was changed.',
      next: 'Install the newer release again.',
    });
  }
  migrations.slice(version).forEach((statements, i) => {
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(statements);
      db.exec(`PRAGMA user_version = ${version + i + 1}`);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw unreadable(path, error, ((error as { errcode?: number }).errcode ?? 0) & 0xff);
    }
  });
  return version < migrations.length;
}
