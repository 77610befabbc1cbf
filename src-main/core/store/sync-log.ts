import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

/** Makes the log of a database durable that was written by SQLite itself. */
export interface SyncLog {
  /** Waits off this thread. @throws the system's error when it could not be written */
  sync(): Promise<void>;
  /** Waits on this thread when `unsettled`, then lets go of the file. */
  close(unsettled: boolean): void;
}

const syncData = promisify(fdatasync);

/**
 * The log is one file for as long as the database is open, and syncing it through another handle than the writer's makes
 * its bytes durable all the same: fsync(2) is about the file. So the wait can be one of the thread pool's.
 */
export function createSyncLog(path: string): SyncLog {
  let fd: number | null = null;
  let under = 0;
  let closed = false;
  const release = (): void => {
    if (fd === null || under > 0) return;
    closeSync(fd);
    fd = null;
  };
  // Windows flushes only what may be written to.
  const opened = (): number => {
    fd ??= openSync(path, 'r+');
    return fd;
  };
  return {
    async sync() {
      if (closed) return;
      const file = opened();
      under++;
      try {
        await syncData(file);
      } finally {
        under--;
        if (closed) release();
      }
    },
    close(unsettled) {
      if (closed) return;
      closed = true;
      try {
        if (unsettled) fdatasyncSync(opened());
      } finally {
        release();
      }
    },
  };
}

/** Waits for the disk on behalf of many: who asks while a sync is under way shares the one after it. */
export function createSettler(sync: () => Promise<void>) {
  let unsettled = false;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const begin = (): Promise<void> => {
    next = null;
    unsettled = false;
    running = sync();
    running.catch(() => {
      unsettled = true;
    });
    return running;
  };
  return {
    /** Something was written. */
    touched(): void {
      unsettled = true;
    },
    unsettled: (): boolean => unsettled,
    /** Resolves when all that was written before the call is durable. */
    settled(): Promise<void> {
      if (!unsettled) return running;
      next ??= running.then(begin, begin);
      return next;
    },
  };
}
