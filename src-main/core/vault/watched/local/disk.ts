import { chmodSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { giveName, isTaken } from '../../pool/give-name.ts';
import { isJunk } from '../plan/ignore.ts';
import { markOf, printOf } from './print.ts';

/** Somebody changed the file, or what is around it, since it was looked at: it is left, and looked at again. */
export class MovedOn extends Error {}

/** What a file was when it was looked at. */
interface Seen {
  readonly print: string;
  readonly mark: string;
}

export type Disk = ReturnType<typeof createDisk>;

/**
 * Changes in a watched directory. Nothing is ever written over, and nothing taken away that is not what was looked at: a file that
 * gives way is first taken aside, by a rename into a hidden directory beside it, and looked at there, where nobody who opens it by
 * its name can write to it any more. If it is another, it gets its name back. Paths are from the watched directory, as
 * the disk spells them; every directory on the way is looked at, so that no link leads out.
 *
 * Plain system calls: between looking and doing there is no turn of the loop.
 */
export function createDisk(root: string, tag: string, probe: (point: string) => void = () => {}) {
  let count = 0;
  const touched = new Set<string>();
  const full = (path: string): string => (path === '' ? root : join(root, path));

  /** @throws MovedOn when something on the way is no directory */
  const way = (path: string): void => {
    const parts = dirname(path) === '.' ? [] : dirname(path).split(sep);
    for (let n = 0; n <= parts.length; n++) {
      const info = lstatSync(join(root, ...parts.slice(0, n)), { throwIfNoEntry: false });
      if (!info?.isDirectory()) throw new MovedOn();
    }
    touched.add(dirname(full(path)));
  };
  const look = (path: string) => lstatSync(path, { bigint: true, throwIfNoEntry: false });
  const seenAt = (path: string): Seen | null => {
    const info = look(path);
    return info?.isFile() ? { print: printOf(info), mark: markOf(info) } : null;
  };
  const untouched = (path: string, whole: Seen | null): Seen => {
    const now = seenAt(full(path));
    if (!now || now.mark !== whole?.mark) throw new MovedOn();
    return now;
  };
  const free = (path: string): void => {
    if (look(path)) throw new MovedOn();
  };

  /** Take a file aside; `work` is done while its name is free. What is thrown there brings it back. */
  const aside = (path: string, seen: Seen, work: (old: string) => void): void => {
    way(path);
    const from = full(path);
    if (seenAt(from)?.print !== seen.print) throw new MovedOn();
    const hidden = join(dirname(from), `.hypha-${tag}-${++count}.old`);
    mkdirSync(hidden, { mode: 0o700 });
    const old = join(hidden, basename(from));
    try {
      try {
        renameSync(from, old);
        probe('aside');
        // Renaming it is a change of its state, so only what else tells of writing counts.
        if (seenAt(old)?.mark !== seen.mark) throw new MovedOn();
        work(old);
      } catch (error) {
        if (look(old)) giveBack(old, from);
        throw error;
      }
      probe('instead');
      unlinkSync(old);
    } finally {
      // Not while it holds the only copy: that comes back to light with the next look.
      if (!look(old)) rmdirSync(hidden);
    }
  };

  return {
    full,
    /** A new hidden name in the directory of a path. */
    hidden: (path: string): string => join(dirname(full(path)), `.hypha-${tag}-${++count}.part`),
    way,
    isThere: (path: string): boolean => look(full(path)) !== undefined,
    seenAt: (path: string): Seen | null => seenAt(full(path)),
    markOfFolder(path: string): string {
      const info = look(full(path));
      return info?.isDirectory() ? markOf(info) : '';
    },
    /** Directories whose names were changed since this was last asked: they are to be made durable. */
    takeTouched(): string[] {
      const all = [...touched];
      touched.clear();
      return all;
    },
    /** Give a whole file its name. @returns how it looks there, untouched by anybody */
    create(temporary: string, path: string): Seen {
      way(path);
      const whole = seenAt(temporary);
      try {
        giveName(temporary, full(path));
      } catch (error) {
        throw isTaken(error) ? new MovedOn() : error;
      }
      return untouched(path, whole);
    },
    /** Put a whole file in the place of another, with its rights. @returns as {@link create} */
    replace(temporary: string, path: string, seen: Seen): Seen {
      const whole = seenAt(temporary);
      aside(path, seen, (old) => {
        chmodSync(temporary, lstatSync(old).mode & 0o777);
        try {
          giveName(temporary, full(path));
        } catch (error) {
          // Somebody wrote a new one in this moment. The old one was agreed on: the vault has it.
          if (!isTaken(error)) throw error;
          unlinkSync(temporary);
          unlinkSync(old);
          throw new MovedOn();
        }
      });
      return untouched(path, whole);
    },
    remove(path: string, seen: Seen): void {
      aside(path, seen, () => {});
    },
    makeFolder(path: string): void {
      way(path);
      try {
        mkdirSync(full(path), { mode: 0o777 });
      } catch (error) {
        throw isTaken(error) ? new MovedOn() : error;
      }
    },
    /** Only an empty one goes, or one that holds nothing but what file managers make anew. */
    removeFolder(path: string): void {
      way(join(path, 'x'));
      way(path);
      const names = readdirSync(full(path));
      if (!names.every(isJunk)) throw new MovedOn();
      for (const name of names) unlinkSync(join(full(path), name));
      rmdirSync(full(path));
    },
    /** `alike`: the disk takes both names for one, so that only its spelling changes. */
    move(from: string, to: string, alike: boolean): void {
      way(from);
      way(to);
      if (!alike) free(full(to));
      if (!alike && look(full(from))?.isFile()) giveName(full(from), full(to));
      else renameSync(full(from), full(to));
    },
    /**
     * What a killed agent left: a file that was being written goes; one that had given way goes where it was. If another is there,
     * it goes when it was agreed on, by its mark, and else gets a name of its own.
     */
    rescue(path: string, agreedMark: (path: string) => string | null, another: (path: string) => string): void {
      way(path);
      const left = full(path);
      const info = lstatSync(left, { throwIfNoEntry: false });
      if (!info) return;
      if (info.isFile() && left.endsWith('.part')) unlinkSync(left);
      if (!info.isDirectory() || !left.endsWith('.old')) return;
      for (const name of readdirSync(left)) {
        const beside = join(dirname(path), name);
        const taken = look(full(beside)) !== undefined;
        if (taken && seenAt(join(left, name))?.mark === agreedMark(beside)) unlinkSync(join(left, name));
        else giveName(join(left, name), full(taken ? another(beside) : beside));
      }
      rmdirSync(left);
    },
  };
}

/** Its own name again, unless somebody took it in this moment: then it comes back to light with the next look. */
function giveBack(old: string, from: string): void {
  try {
    giveName(old, from);
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
}
