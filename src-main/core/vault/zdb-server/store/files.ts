import { join } from 'node:path';
import type { Disk } from './disk.ts';

export type FileKind = 'i' | 'd';

/** How many files of a namespace are open at once. */
const openMost = 32;

/** The numbered files of one namespace, opened when they are needed and closed when others were needed since. */
export interface PairFiles {
  open(kind: FileKind, id: number): number;
  create(kind: FileKind, id: number): number;
  path(kind: FileKind, id: number): string;
  /** Written since the last {@link takeUnsynced}; it stays open until then. */
  touched(kind: FileKind, id: number): void;
  takeUnsynced(): readonly Held[];
  closeAll(): void;
}

export interface Held {
  readonly file: number;
  /** It may be closed again. */
  release(): void;
}

interface Open {
  readonly file: number;
  /** Syncs under way; a closed descriptor's number is given to the next file that is opened. */
  holds: number;
  unsynced: boolean;
}

export function createPairFiles(disk: Disk, indexDirectory: string, dataDirectory: string): PairFiles {
  const open = new Map<string, Open>();
  const path = (kind: FileKind, id: number): string =>
    join(kind === 'i' ? indexDirectory : dataDirectory, `${kind}${id}`);
  let closed = false;

  const makeRoom = (): void => {
    if (open.size < openMost) return;
    for (const [name, entry] of open) {
      if (entry.holds > 0 || entry.unsynced) continue;
      open.delete(name);
      disk.close(entry.file);
      return;
    }
  };
  const get = (kind: FileKind, id: number, create: boolean): Open => {
    const name = `${kind}${id}`;
    const known = open.get(name);
    if (known !== undefined) {
      if (open.size >= openMost) {
        // The one used last is the last to go.
        open.delete(name);
        open.set(name, known);
      }
      return known;
    }
    makeRoom();
    const entry: Open = { file: disk.open(path(kind, id), create), holds: 0, unsynced: false };
    open.set(name, entry);
    return entry;
  };

  return {
    path,
    open: (kind, id) => get(kind, id, false).file,
    create: (kind, id) => get(kind, id, true).file,
    touched(kind, id) {
      get(kind, id, false).unsynced = true;
    },
    takeUnsynced() {
      const taken: Held[] = [];
      for (const entry of open.values()) {
        if (!entry.unsynced) continue;
        entry.unsynced = false;
        entry.holds++;
        taken.push({
          file: entry.file,
          release() {
            entry.holds--;
            if (closed && entry.holds === 0) disk.close(entry.file);
          },
        });
      }
      return taken;
    },
    closeAll() {
      closed = true;
      for (const entry of open.values()) if (entry.holds === 0) disk.close(entry.file);
      open.clear();
    },
  };
}
