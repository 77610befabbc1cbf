import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  statfsSync,
  writevSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { makeDirectorySync } from '#core/store/make-directory.ts';

/**
 * The file system as the store uses it; tests put faults here. Reads and writes wait on the calling thread, as 0-db's
 * own do: they end in the page cache. What waits for the disk, {@link sync}, does not.
 */
export interface Disk {
  /** @returns a file descriptor, for reading and writing */
  open(path: string, create: boolean): number;
  close(file: number): void;
  size(file: number): number;
  /** Fill `target` from `position`. @returns bytes read, fewer at the end of the file */
  read(file: number, target: Uint8Array, position: number): number;
  /** Write all of `parts` at `position`. @throws the system's error, with part of it written perhaps */
  write(file: number, parts: readonly Uint8Array[], position: number): void;
  truncate(file: number, size: number): void;
  /** Make what was written durable. */
  sync(file: number): Promise<void>;
  syncNow(file: number): void;
  /** Make the names in a directory durable, where that can be done. */
  syncDirectory(path: string): void;
  makeDirectory(path: string): void;
  /** Names in a directory; none when there is no such directory. */
  names(path: string): string[];
  /** Bytes free for us on the file system of `path`. */
  free(path: string): number;
}

const syncLater = promisify(fdatasync);

export const nodeDisk: Disk = {
  open(path, create) {
    try {
      return openSync(path, 'r+');
    } catch (error) {
      if (!create || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return openSync(path, 'wx+', 0o600);
    }
  },
  close: closeSync,
  size: (file) => fstatSync(file).size,
  read(file, target, position) {
    let done = 0;
    while (done < target.length) {
      const some = readSync(file, target, done, target.length - done, position + done);
      if (some === 0) break;
      done += some;
    }
    return done;
  },
  write(file, parts, position) {
    let left = [...parts];
    let at = position;
    while (left.length > 0) {
      // The system takes 1,024 pieces at once (IOV_MAX on Linux).
      let some = writevSync(file, left.slice(0, 1024), at);
      at += some;
      if (some === 0 && left.some((part) => part.length > 0)) {
        throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
      }
      const rest: Uint8Array[] = [];
      for (const part of left) {
        if (some >= part.length) some -= part.length;
        else {
          rest.push(part.subarray(some));
          some = 0;
        }
      }
      left = rest;
    }
  },
  truncate: ftruncateSync,
  sync: syncLater,
  syncNow: fdatasyncSync,
  syncDirectory(path) {
    let file: number;
    try {
      file = openSync(path, 'r');
    } catch {
      return; // Windows does not open directories; its file system orders names itself.
    }
    try {
      fsyncSync(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'EBADF') throw error;
    } finally {
      closeSync(file);
    }
  },
  makeDirectory: (path) => makeDirectorySync(path),
  names(path) {
    try {
      return readdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  },
  free(path) {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  },
};
