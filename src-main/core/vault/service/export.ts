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

const badTarget = (to: string, why: string) =>
  fail('BAD_TARGET', `${to} cannot be used: ${why}.`, {
    meaning: 'Nothing was written.',
    next: 'Choose another directory.',
  });

export function exportHandlers(core: Core): Pick<Handlers<typeof vaultContract>, 'vault.export'> {
  return {
    async 'vault.export'(input, context) {
      const session = await core.session();
      const nodes = input.items.map((item) => {
        const node = session.tree.find(item);
        if (!node) throw notFound(`"${item}"`);
        return node;
      });
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
            await utimes(path, new Date(), node.modified / 1000).catch(() => {});
            continue;
          }
          const before = bytes;
          try {
            await writeOne(node, directory, path);
            files++;
          } catch (error) {
            if (!isFail(error, 'DAMAGED')) throw error;
            firstDamage ??= error;
            skipped.push({ path, code: 'DAMAGED', message: error.message });
            bytes = before;
          }
        }
        await syncDirectory(directory);
      };

      const writeOne = async (node: Node, directory: string, path: string): Promise<void> => {
        // Under its own name a file is whole; `wx` refuses whatever is in the way.
        const temporary = join(directory, `.hypha-${randomId(core.deps.host.random)}.part`);
        let handle: FileHandle | undefined;
        try {
          handle = await open(temporary, 'wx', 0o644);
          for await (const piece of readFile(session, node.id, 0, node.size, context.signal, true)) {
            let at = 0;
            while (at < piece.length) at += (await handle.write(piece, at)).bytesWritten;
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
          await handle?.close().catch(() => {});
          await rm(temporary, { force: true }).catch(() => {});
          if (isFull(error)) throw diskFull([to]);
          throw error;
        }
      };

      const there = await readdir(to);
      await writeAll(nodes, to, new Set(there.map(foldName)));
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
