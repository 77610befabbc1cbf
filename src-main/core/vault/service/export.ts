import { mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { syncDirectory } from '#core/store/atomic-file.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { Fail, fail, isFail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { diskFull, notFound, throwIfAborted } from '../failures.ts';
import { foldName, freeName, safeFileName } from '../names.ts';
import { isFull } from '../places/places.ts';
import type { Node } from '../tree.ts';
import { createDelivery } from './deliver.ts';
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
      const delivery = createDelivery(session, core.deps.host.random, context.signal, {
        done: () => {
          files++;
        },
        wrote(n) {
          bytes += n;
          context.progress(bytes);
        },
        failed({ path }, error) {
          if (isFull(error)) throw diskFull([to]);
          if (!isFail(error, 'DAMAGED')) throw error;
          firstDamage ??= error;
          skipped.push({ path, code: 'DAMAGED', message: error.message });
        },
      });
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
          await delivery.add({ node, path });
        }
        directories.push(directory);
      };

      const there = await readdir(to);
      try {
        await writeAll(nodes, to, new Set(there.map(foldName)));
        await delivery.finish();
      } finally {
        // Also after a failure nothing is still being written when this ends.
        await delivery.idle();
      }
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
