import { closeSync, constants, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';

/**
 * A file for what is under way and does not fit in memory. It has no name from the moment it is open, so that nothing is left of it after a kill;
 * where the system does not allow that, it goes when it is closed, or by the next sweep.
 */
export interface Spool {
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** Fill `target` from `position`. @throws Error when the file ends before */
  read(position: number, target: Uint8Array): void;
  close(): void;
}

/** Synchronous: for a thread that does nothing else. @throws NodeJS.ErrnoException */
export function openSpool(path: string): Spool {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  let named = true;
  const drop = (): void => {
    try {
      unlinkSync(path);
      named = false;
    } catch {
      // In use, as some systems have it.
    }
  };
  drop();
  let length = 0;
  let open = true;
  return {
    get length() {
      return length;
    },
    append(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const wrote = writeSync(fd, bytes, at, bytes.length - at, length);
        at += wrote;
        length += wrote;
      }
    },
    read(position, target) {
      for (let at = 0; at < target.length; ) {
        const got = readSync(fd, target, at, target.length - at, position + at);
        if (got === 0) throw new Error('a file of our own is shorter than it was');
        at += got;
      }
    },
    close() {
      if (!open) return;
      open = false;
      // Its room is given back now, also where its name could not be.
      ftruncateSync(fd);
      closeSync(fd);
      if (named) drop();
    },
  };
}
