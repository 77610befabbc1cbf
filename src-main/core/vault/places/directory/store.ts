import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { syncDirectory } from '#core/store/atomic-file.ts';
import type { ShardStore } from '../../ports.ts';
import { straightBytes, writePastCache } from './write-past-cache.ts';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const absent = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';

/**
 * Shards as files below a directory. A file is written under a temporary name (`.part`), its bytes are synced, then it is
 * renamed: under its real name a shard is whole. Directory entries are synced together by `settle`, once for many files.
 */
export function createDirectoryStore(
  root: string,
  sync: (directory: string) => Promise<void> = syncDirectory,
): ShardStore {
  const made = new Set<string>();
  let takesStraight = true;
  let unsettled = new Set<string>();
  const settling = new Set<Promise<void>>();
  const settleNow = async (directories: ReadonlySet<string>): Promise<void> => {
    try {
      await Promise.all([...directories].map(sync));
    } catch (error) {
      for (const directory of directories) unsettled.add(directory);
      throw error;
    }
  };
  const ensure = async (directory: string): Promise<void> => {
    if (made.has(directory)) return;
    // Level by level and never the root itself: an unplugged drive must not become a directory of the disk below it.
    let at = root;
    for (const level of relative(root, directory).split(sep).filter(Boolean)) {
      at = join(at, level);
      await mkdir(at, { mode: 0o700 }).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
    }
    made.add(directory);
    for (let up = dirname(directory); up.length >= root.length; up = dirname(up)) unsettled.add(up);
  };
  /** @returns how much of the front was written; a file system that once did not take anything is not asked again */
  const writeStraight = async (path: string, [first]: readonly Uint8Array[]): Promise<number> => {
    const length = takesStraight ? straightBytes(first) : 0;
    if (!first || length === 0) return 0;
    const written = await writePastCache(path, first, length);
    if (written === 0) takesStraight = false;
    return written;
  };
  const create = async (path: string): Promise<FileHandle> => {
    await ensure(dirname(path));
    try {
      return await open(path, 'w', 0o600);
    } catch (error) {
      if (!absent(error)) throw error;
      // The directory was deleted and made again since.
      made.delete(dirname(path));
      await ensure(dirname(path));
      return open(path, 'w', 0o600);
    }
  };
  return {
    async put(name, parts, taken) {
      const path = join(root, name);
      const temporary = `${path}.part`;
      let handle: FileHandle | undefined;
      try {
        handle = await create(temporary);
        const total = parts.reduce((sum, part) => sum + part.length, 0);
        const straight = await writeStraight(temporary, parts);
        const written = straight > 0 ? straight : (await handle.writev([...parts])).bytesWritten;
        if (written < total) await writeRest(handle, parts, written);
        taken?.();
        await handle.datasync();
        await handle.close();
        handle = undefined;
        await rename(temporary, path);
      } catch (error) {
        made.delete(dirname(path));
        await handle?.close().catch(() => {});
        await rm(temporary, { force: true }).catch(() => {});
        throw error;
      }
      unsettled.add(dirname(path));
    },
    async settle() {
      const directories = unsettled;
      unsettled = new Set();
      const mine = settleNow(directories);
      settling.add(mine);
      // Another pack's settle may have taken our names along: they are durable when that one is, not before.
      try {
        await Promise.all(settling);
      } finally {
        await mine.catch(() => {});
        settling.delete(mine);
      }
    },
    async read(name, offset, target) {
      let handle: FileHandle | undefined;
      try {
        handle = await open(join(root, name), 'r');
        let got = 0;
        while (got < target.length) {
          const { bytesRead } = await handle.read(target, got, target.length - got, offset + got);
          if (bytesRead === 0) return false;
          got += bytesRead;
        }
        return true;
      } catch (error) {
        if (absent(error)) return false;
        throw error;
      } finally {
        await handle?.close();
      }
    },
    async size(name) {
      try {
        return (await stat(join(root, name))).size;
      } catch (error) {
        if (absent(error)) return null;
        throw error;
      }
    },
    async remove(name) {
      try {
        await rm(join(root, name));
      } catch (error) {
        // Nor is there anything to make durable, perhaps not even a directory.
        if (absent(error)) return;
        throw error;
      }
      unsettled.add(dirname(join(root, name)));
    },
    async list(directory) {
      try {
        return (await readdir(join(root, directory))).map((name) => `${directory}/${name}`);
      } catch (error) {
        if (absent(error)) return [];
        throw error;
      }
    },
  };
}

async function writeRest(handle: FileHandle, parts: readonly Uint8Array[], written: number): Promise<void> {
  let skip = written;
  let position = written;
  for (const part of parts) {
    let at = Math.min(skip, part.length);
    skip -= at;
    while (at < part.length) {
      const { bytesWritten } = await handle.write(part, at, part.length - at, position);
      at += bytesWritten;
      position += bytesWritten;
    }
  }
}
