import { type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inFlight, temporaryName } from './leftovers.ts';

/**
 * Write a file so that after a crash either the old or the new content is there, never a mix: temp file in the same
 * directory, fsync, rename, fsync of the directory (skipped where directories cannot be opened, as on Windows). With `exclusive` a file that is there stays (an error with code EEXIST).
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  options: { mode?: number; exclusive?: boolean } = {},
): Promise<void> {
  const { temporary, opened } = await openTemporary(path, options.mode ?? 0o600);
  let handle: FileHandle | undefined = opened;
  try {
    await handle.writeFile(bytes);
    await handle.sync();
    await handle.close();
    handle = undefined;
    if (options.exclusive) await putNew(temporary, path);
    else await rename(temporary, path);
  } catch (error) {
    await handle?.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    throw error;
  } finally {
    inFlight.delete(temporary);
  }
  await syncDirectory(dirname(path));
}

async function openTemporary(path: string, mode: number): Promise<{ temporary: string; opened: FileHandle }> {
  for (;;) {
    const temporary = join(dirname(path), temporaryName(basename(path)));
    inFlight.add(temporary);
    try {
      return { temporary, opened: await open(temporary, 'wx', mode) };
    } catch (error) {
      inFlight.delete(temporary);
      // A process that had our number before was killed and left it: the next name is free.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function putNew(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw error;
    // Not every file system links. Between these two another could slip in, which is as good as it gets there.
    if (await stat(path).catch(() => null)) throw Object.assign(new Error(`${path} is there`), { code: 'EEXIST' });
    await rename(temporary, path);
    return;
  }
  await unlink(temporary);
}

/** Make a rename or unlink in `directory` durable. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
