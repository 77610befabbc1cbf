import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Core } from '../core.ts';
import { isFull } from '../places/places.ts';

/** An export under way. */
export interface ExportMark {
  /** In the name of every such file, and of no other. */
  readonly tag: string;
  /** A new name for a file that is being written in the directory exported to. */
  temporary(): string;
  /** Nothing of it is under such a name any more. */
  end(): void;
}
export interface UnfinishedExports {
  /** Remember, before anything is written there, that an export writes to a directory. */
  begin(directory: string): ExportMark;
  /** Take away what exports that were cut off have left, wherever the directory they wrote to is there now. */
  sweep(): Promise<void>;
}

/** Of directories that never came back. */
const mostKept = 64;

/**
 * Who is killed while files are written leaves hidden ones (`.hypha-TAG-N.part`). The tag is random and of one export, and is
 * written down with its directory before the first of them is made: what bears it and is of no export under way is our own
 * leftover, whoever else writes to that directory.
 */
export function createUnfinishedExports(core: Core): UnfinishedExports {
  const running = new Set<string>();

  const begin: UnfinishedExports['begin'] = (directory) => {
    const { catalogue } = core.opened();
    const tag = Buffer.from(core.deps.host.random(16)).toString('hex');
    let files = 0;
    running.add(tag);
    try {
      catalogue.transaction(() => {
        catalogue.run('INSERT INTO exports (tag, directory) VALUES (?, ?)', tag, directory);
        catalogue.run('DELETE FROM exports WHERE rowid <= (SELECT max(rowid) FROM exports) - ?', mostKept);
      });
    } catch (error) {
      // A disk that is full keeps nobody from taking files off it.
      if (!isFull(error)) throw error;
    }
    return {
      tag,
      temporary: () => join(directory, `.hypha-${tag}-${++files}.part`),
      end() {
        running.delete(tag);
        forget(tag);
      },
    };
  };

  const forget = (tag: string): void => {
    try {
      core.opened().catalogue.run('DELETE FROM exports WHERE tag = ?', tag);
    } catch (error) {
      // It is looked at once more, and nothing is found.
      core.deps.log.warn({ error: String(error) }, 'an export that has ended could not be forgotten');
    }
  };

  return {
    begin,
    async sweep() {
      if (core.state() === 'none') return;
      const rows = core
        .opened()
        .catalogue.all<{ tag: string; directory: string }>('SELECT tag, directory FROM exports');
      for (const { tag, directory } of rows) {
        if (running.has(tag)) continue;
        // Away with its drive, perhaps: it waits.
        const names = await readdir(directory).catch(() => null);
        if (names === null) continue;
        const left = names.filter((name) => name.startsWith(`.hypha-${tag}-`) && name.endsWith('.part'));
        const gone = await Promise.allSettled(left.map((name) => rm(join(directory, name))));
        if (gone.every(({ status }) => status === 'fulfilled')) forget(tag);
      }
    },
  };
}
