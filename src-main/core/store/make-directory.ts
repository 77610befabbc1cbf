import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/*
 * Directories with all they lie in, as `mkdir -p` makes them. Node's own `recursive` goes round for ever where a parent
 * is there and the system says ENOENT all the same (Linux: anything below /proc), and it says ENOENT for a parent that
 * is on a read-only disk. Here each step is tried once, and the first refusal is told as the system gave it.
 */

const ownerOnly = 0o700;

/** @throws the system's own error, with the `path` that could not be made. */
export function makeDirectorySync(path: string, mode = ownerOnly): void {
  const refused = attempt(path, mode);
  if (refused === null) return;
  const parent = dirname(path);
  if (!isMissing(refused) || parent === path || statSync(parent, { throwIfNoEntry: false })) throw refused;
  makeDirectorySync(parent, mode);
  const again = attempt(path, mode);
  if (again !== null) throw again;
}

/** {@link makeDirectorySync} for disks that may take their time. */
export async function makeDirectory(path: string, mode = ownerOnly): Promise<void> {
  const refused = await attemptLater(path, mode);
  if (refused === null) return;
  const parent = dirname(path);
  if (!isMissing(refused) || parent === path || (await exists(parent))) throw refused;
  await makeDirectory(parent, mode);
  const again = await attemptLater(path, mode);
  if (again !== null) throw again;
}

/** Null when it is there now; it may have been before. */
function attempt(path: string, mode: number): unknown {
  try {
    mkdirSync(path, { mode });
    return null;
  } catch (error) {
    try {
      return statSync(path).isDirectory() ? null : error;
    } catch {
      return error;
    }
  }
}

async function attemptLater(path: string, mode: number): Promise<unknown> {
  try {
    await mkdir(path, { mode });
    return null;
  } catch (error) {
    const info = await stat(path).catch(() => null);
    return info?.isDirectory() ? null : error;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
