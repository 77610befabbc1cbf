import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** Directories watched one by one, where the system knows no other way. Each costs the system some memory. */
export const mostDirectories = 8192;

export interface Hints {
  /** Follow these directories from now on (from the watched one, as the disk spells them). */
  follow(directories: readonly string[]): void;
  /** Why some changes are only noticed by the regular look; null when all are told at once. */
  problem(): string | null;
  close(): void;
}

/**
 * Told soon of what may have changed, and nothing more: what is true is what a look at the directory finds. macOS and Windows watch a
 * directory with all below it; Linux (inotify) each by itself, and as many as the person's share allows.
 */
export function createHints(root: string, hint: () => void, most = mostDirectories): Hints {
  const recursive = process.platform === 'darwin' || process.platform === 'win32';
  const watchers = new Map<string, FSWatcher>();
  let problem: string | null = null;
  let closed = false;

  const add = (directory: string): boolean => {
    try {
      const watcher = watch(join(root, directory), { recursive, persistent: false }, hint);
      watcher.on('error', () => {
        watcher.close();
        watchers.delete(directory);
        hint();
      });
      watchers.set(directory, watcher);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return true;
      problem =
        code === 'ENOSPC' || code === 'EMFILE'
          ? `This computer lets a person watch so many directories and no more (${watchers.size} here). Raise it with: sudo sysctl fs.inotify.max_user_watches=524288`
          : `This disk does not tell of changes (${code ?? String(error)}).`;
      return false;
    }
  };

  return {
    follow(directories) {
      if (closed) return;
      problem = null;
      const wanted = new Set(recursive ? [''] : directories.slice(0, most));
      for (const [directory, watcher] of watchers) {
        if (wanted.has(directory)) continue;
        watcher.close();
        watchers.delete(directory);
      }
      for (const directory of wanted) if (!watchers.has(directory) && !add(directory)) return;
      if (!recursive && directories.length > most) {
        problem = `More than ${most} directories: changes in the others are only noticed by the regular look.`;
      }
    },
    problem: () => problem,
    close() {
      closed = true;
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}
