import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, writeFileAtomic } from '#core/store/atomic-file.ts';
import { makeDirectory } from '#core/store/make-directory.ts';

/*
 * One room on disk (docs/formats/friend-place.md):
 *
 *     room            says that this is one: without it the disk is not the one that was connected
 *     mark            the mark of the place, as its owner wrote it
 *     s-c/s-<name>    pieces; each level has `s-` before it, so that no name means something to the system
 *     t/<number>      being written
 */

const labelFile = 'room';
const label = 'hypha room 1\n';
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const absent = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
const onDisk = (name: string): string => join(...name.split('/').map((level) => `s-${level}`));

/** What a piece takes, as most disks count it: in whole blocks. */
const blockBytes = 4096;
export const chargeOf = (length: number): number => Math.max(1, Math.ceil(length / blockBytes)) * blockBytes;

/** The directory of the room is not there: its disk is not connected, or somebody deleted it. */
export class RoomAway extends Error {}

export async function makeRoom(directory: string): Promise<void> {
  await makeDirectory(join(directory, 't'));
  await writeFileAtomic(join(directory, labelFile), label);
  await syncDirectory(dirname(directory));
}

/**
 * Take it away under another name first: what is half deleted is no room.
 *
 * @returns whether there was anything; nothing is there too while its disk is not connected
 */
export async function deleteRoom(directory: string): Promise<boolean> {
  const gone = `${directory}.gone`;
  // Of a deletion that was broken off.
  const begun = await stat(gone).then(
    () => true,
    () => false,
  );
  await rm(gone, { recursive: true, force: true });
  const found = await rename(directory, gone).then(
    () => true,
    (error: unknown) => {
      if (absent(error)) return false;
      throw error;
    },
  );
  await syncDirectory(dirname(directory)).catch(() => {});
  await rm(gone, { recursive: true, force: true });
  return begun || found;
}

export interface Writing {
  readonly handle: FileHandle;
  readonly path: string;
}

/** The files of one room, without a thought of how much there may be. */
export function createRoomFiles(directory: string) {
  const unsettled = new Set<string>();
  let settling: Promise<void> = Promise.resolve();
  let next = 0;
  /** @throws RoomAway */
  const here = async (): Promise<void> => {
    const found = await readFile(join(directory, labelFile), 'utf8').catch(() => null);
    if (found !== label) throw new RoomAway(`${directory} is not there`);
  };
  /** Nothing of that name; but where the whole room is away, nothing can be said of it. */
  const none = async <T>(error: unknown, value: T): Promise<T> => {
    if (!absent(error)) throw error;
    await here();
    return value;
  };
  const pathOf = (name: string): string => join(directory, onDisk(name));
  const lengthOf = async (name: string): Promise<number | null> => {
    try {
      return (await stat(pathOf(name))).size;
    } catch (error) {
      return none(error, null);
    }
  };
  const namesIn = async (path: string): Promise<string[]> => {
    try {
      const names = await readdir(path);
      return names.flatMap((name) => (name.startsWith('s-') ? [name.slice(2)] : []));
    } catch (error) {
      return none(error, []);
    }
  };
  const levelsOf = (name: string): string[] => {
    const levels: string[] = [];
    for (let at = dirname(pathOf(name)); at.length > directory.length; at = dirname(at)) levels.unshift(at);
    return levels;
  };

  return {
    here,
    /** Forget what was being written when Hypha ended, and add up what there is. @throws RoomAway */
    async measure(): Promise<{ used: number; count: number }> {
      await here();
      await rm(join(directory, 't'), { recursive: true, force: true });
      await mkdir(join(directory, 't'), { mode: 0o700 });
      let used = 0;
      let count = 0;
      const levels = [join(directory, 's-c'), join(directory, 's-p')];
      for (let at = levels.pop(); at !== undefined; at = levels.pop()) {
        const entries = await readdir(at, { withFileTypes: true }).catch((error: unknown) => none(error, []));
        for (const entry of entries) {
          const path = join(at, entry.name);
          if (entry.isDirectory()) levels.push(path);
          else if (entry.isFile()) {
            used += chargeOf((await stat(path)).size);
            count++;
          }
        }
      }
      return { used, count };
    },
    async begin(): Promise<Writing> {
      await here();
      const path = join(directory, 't', String(next++));
      return { handle: await open(path, 'wx', 0o600), path };
    },
    async giveUp({ handle, path }: Writing): Promise<void> {
      await handle.close().catch(() => {});
      await rm(path, { force: true }).catch(() => {});
    },
    /** Its bytes are durable already. */
    async keep({ path }: Writing, name: string): Promise<void> {
      const to = pathOf(name);
      try {
        await rename(path, to);
      } catch (error) {
        if (!absent(error)) throw error;
        await here();
        for (const level of levelsOf(name)) {
          await mkdir(level, { mode: 0o700 }).catch((refused: unknown) => {
            if (codeOf(refused) !== 'EEXIST') throw refused;
          });
          unsettled.add(dirname(level));
        }
        await rename(path, to);
      }
      unsettled.add(dirname(to));
    },
    lengthOf,
    /** @returns false when it is not there or too short */
    async read(name: string, offset: number, target: Uint8Array): Promise<boolean> {
      let handle: FileHandle | undefined;
      try {
        handle = await open(pathOf(name), 'r');
        for (let got = 0; got < target.length; ) {
          const { bytesRead } = await handle.read(target, got, target.length - got, offset + got);
          if (bytesRead === 0) return false;
          got += bytesRead;
        }
        return true;
      } catch (error) {
        return none(error, false);
      } finally {
        await handle?.close();
      }
    },
    async remove(name: string): Promise<void> {
      const path = pathOf(name);
      try {
        await rm(path);
      } catch (error) {
        return none(error, undefined);
      }
      unsettled.add(dirname(path));
      // Lists show directories that hold something, and an empty one is no piece: it would be counted nowhere.
      if (name.split('/').length > 2) {
        const emptied = await rmdir(dirname(path)).then(
          () => true,
          () => false,
        );
        if (emptied) {
          unsettled.delete(dirname(path));
          unsettled.add(dirname(dirname(path)));
        }
      }
    },
    list: async (of: string): Promise<string[]> =>
      (await namesIn(join(directory, onDisk(of)))).sort().map((name) => `${of}/${name}`),
    /** One after the other: who asks while another waits for the disk must wait for it too. */
    settle(): Promise<void> {
      const mine = settling.then(async () => {
        await here();
        const all = [...unsettled];
        unsettled.clear();
        try {
          for (const one of all) {
            await syncDirectory(one).catch((error: unknown) => {
              // It was emptied and removed since; the one above it is on the list.
              if (!absent(error)) throw error;
            });
          }
        } catch (error) {
          for (const one of all) unsettled.add(one);
          throw error;
        }
      });
      settling = mine.catch(() => {});
      return mine;
    },
    async mark(): Promise<Uint8Array | null> {
      try {
        return await readFile(join(directory, 'mark'));
      } catch (error) {
        return none(error, null);
      }
    },
    /** @returns false when one is there */
    async claim(bytes: Uint8Array): Promise<boolean> {
      await here();
      try {
        await writeFileAtomic(join(directory, 'mark'), bytes, { exclusive: true });
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      }
    },
    async unclaim(): Promise<void> {
      await rm(join(directory, 'mark'), { force: true });
      await syncDirectory(directory);
    },
  };
}
export type RoomFiles = ReturnType<typeof createRoomFiles>;
