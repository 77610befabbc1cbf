import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import { syncDirectory } from '#core/store/atomic-file.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { Fail, fail, isFail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { diskFull, notFound, throwIfAborted } from '../failures.ts';
import { foldName, freeName, safeFileName } from '../names.ts';
import { isFull } from '../places/places.ts';
import type { Node } from '../tree.ts';
import { readFile } from './read.ts';
import type { Skipped } from './walk.ts';

/** Small files are written this many at a time: their cost is waiting for the disk, and waits overlap. */
const smallAtOnce = 16;
/** Up to this size; larger ones go one by one, so that memory stays that of one file's read-ahead. */
const smallBytes = 256 * 1024;

const badTarget = (to: string, why: string) =>
  fail('BAD_TARGET', `${to} cannot be used: ${why}.`, {
    meaning: 'Nothing was written.',
    next: 'Choose another directory.',
  });

/** Runs work with at most `width` pieces under way; the first failure stops what has not begun. */
function createLimiter(width: number) {
  const running = new Set<Promise<void>>();
  let failed: { error: unknown } | null = null;
  const throwIfFailed = (): void => {
    if (failed) throw failed.error;
  };
  return {
    throwIfFailed,
    /** Resolves when the work has begun. @throws what an earlier piece threw */
    async run(work: () => Promise<void>): Promise<void> {
      while (running.size >= width) await Promise.race(running);
      throwIfFailed();
      const piece = work()
        .catch((error: unknown) => {
          failed ??= { error };
        })
        .finally(() => running.delete(piece));
      running.add(piece);
    },
    async idle(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

export function exportHandlers(core: Core): Pick<Handlers<typeof vaultContract>, 'vault.export'> {
  return {
    async 'vault.export'(input, context) {
      const session = await core.session();
      const nodes = input.items.map((item) => {
        const node = session.tree.find(item);
        if (!node) throw notFound(`"${item}"`);
        return node;
      });
      // The agent's own working directory means nothing to the person.
      if (!isAbsolute(input.to)) throw badTarget(input.to, 'it is not a full path');
      const to = resolve(input.to);
      await checkTarget(core, to);
      const below = (node: Node): Node[] => [node, ...session.tree.below(node)];
      const total = nodes.flatMap(below).reduce((sum, n) => sum + (n.kind === 'file' ? n.size : 0), 0);
      context.step('write', 'Writing files', { total, unit: 'bytes' });

      const platform = process.platform === 'win32' ? 'win32' : 'posix';
      const skipped: Skipped[] = [];
      let files = 0;
      let bytes = 0;
      let firstDamage: Fail | null = null;
      const small = createLimiter(smallAtOnce);
      const directories: string[] = [];
      const made: { path: string; modified: number }[] = [];

      const writeAll = async (list: Iterable<Node>, directory: string, taken: Set<string>): Promise<void> => {
        for (const node of list) {
          throwIfAborted(context.signal);
          const name = freeName(safeFileName(node.name, platform), (n) => taken.has(foldName(n)));
          taken.add(foldName(name));
          const path = join(directory, name);
          if (node.children) {
            // A directory we make ourselves: nothing in it can be a link that leads elsewhere.
            await mkdir(path, { mode: 0o755 });
            await writeAll(node.children.values(), path, new Set());
            made.push({ path, modified: node.modified });
            continue;
          }
          if (node.size > smallBytes) await writeCounted(node, directory, path);
          else await small.run(() => writeCounted(node, directory, path));
        }
        directories.push(directory);
      };

      const writeCounted = async (node: Node, directory: string, path: string): Promise<void> => {
        try {
          await writeOne(node, directory, path);
          files++;
        } catch (error) {
          if (!isFail(error, 'DAMAGED')) throw error;
          firstDamage ??= error;
          skipped.push({ path, code: 'DAMAGED', message: error.message });
        }
      };

      const writeOne = async (node: Node, directory: string, path: string): Promise<void> => {
        // Under its own name a file is whole; `wx` refuses whatever is in the way.
        const temporary = join(directory, `.hypha-${randomId(core.deps.host.random)}.part`);
        let handle: FileHandle | undefined;
        let written = 0;
        try {
          handle = await open(temporary, 'wx', 0o644);
          for await (const piece of readFile(session, node.id, 0, node.size, context.signal, true)) {
            let at = 0;
            while (at < piece.length) at += (await handle.write(piece, at)).bytesWritten;
            written += piece.length;
            bytes += piece.length;
            context.progress(bytes);
          }
          throwIfAborted(context.signal);
          await handle.datasync();
          await handle.close();
          handle = undefined;
          await utimes(temporary, new Date(), node.modified / 1000).catch(() => {});
          await rename(temporary, path);
        } catch (error) {
          bytes -= written;
          await handle?.close().catch(() => {});
          await rm(temporary, { force: true }).catch(() => {});
          if (isFull(error)) throw diskFull([to]);
          throw error;
        }
      };

      const there = await readdir(to);
      try {
        await writeAll(nodes, to, new Set(there.map(foldName)));
      } finally {
        // Also after a failure nothing is still being written when this ends.
        await small.idle();
      }
      small.throwIfFailed();
      for (const { path, modified } of made) await utimes(path, new Date(), modified / 1000).catch(() => {});
      for (const directory of directories) await syncDirectory(directory);
      if (files === 0 && firstDamage) throw firstDamage;
      return { files, bytes, skipped };
    },
  };

  async function checkTarget(c: Core, to: string): Promise<void> {
    for (const place of c.opened().engine.places.all()) {
      const inside = relative(place.row.path, to);
      if (!inside.startsWith('..') && !isAbsolute(inside)) throw badTarget(to, 'it lies inside a place of the vault');
    }
    try {
      const info = await stat(to).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      if (info === null) await mkdir(to, { recursive: true });
      else if (!info.isDirectory()) throw badTarget(to, 'it is not a directory');
    } catch (error) {
      if (error instanceof Fail) throw error;
      throw badTarget(to, `it could not be made (${(error as NodeJS.ErrnoException).code ?? error})`);
    }
  }
}
