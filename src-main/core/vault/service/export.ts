import { mkdir, readdir, utimes } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import type { Handlers, TaskContext } from '#core/broker/handlers.ts';
import { syncDirectory } from '#core/store/atomic-file.ts';
import { syncFiles } from '#core/store/sync-files.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { OutputOf } from '#shared/rpc/contract.ts';
import { type Fail, isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { notFound, targetFull, throwIfAborted } from '../failures.ts';
import { freeName, safeFileName } from '../names.ts';
import { isFull } from '../places/places.ts';
import { isTaken } from '../pool/give-name.ts';
import type { Node } from '../tree.ts';
import { createDelivery } from './deliver.ts';
import { pathOf } from './describe.ts';
import { badTarget, checkTarget, tryToWrite } from './export-target.ts';
import { namesAlike } from './target-names.ts';
import type { ExportMark, UnfinishedExports } from './unfinished-exports.ts';
import type { Skipped } from './walk.ts';

type Exported = OutputOf<(typeof vaultContract)['vault.export']>;

export function exportHandlers(
  core: Core,
  unfinished: UnfinishedExports,
): Pick<Handlers<typeof vaultContract>, 'vault.export'> {
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
      const to = await checkTarget(core, resolve(input.to));
      await unfinished.sweep();
      const mark = unfinished.begin(to);
      try {
        await tryToWrite(to, mark.temporary());
        return await writeTo(session, nodes, to, mark, context);
      } finally {
        mark.end();
      }
    },
  };

  async function writeTo(
    session: Session,
    nodes: readonly Node[],
    to: string,
    mark: ExportMark,
    context: TaskContext,
  ): Promise<Exported> {
    const below = (node: Node): Node[] => [node, ...session.tree.below(node)];
    const total = nodes.flatMap(below).reduce((sum, n) => sum + (n.kind === 'file' ? n.size : 0), 0);
    context.step('write', 'Writing files', { total, unit: 'bytes', pausable: true });

    const platform = process.platform === 'win32' ? 'win32' : 'posix';
    const skipped: Skipped[] = [];
    const written: string[] = [];
    const renamed: { item: string; as: string }[] = [];
    const note = (node: Node, path: string): void => {
      if (basename(path) !== node.name) renamed.push({ item: pathOf(session, node), as: path });
    };
    let bytes = 0;
    let firstDamage: Fail | null = null;
    const delivery = createDelivery(session, mark.temporary, context.signal, {
      done: ({ node }, path) => {
        written.push(path);
        note(node, path);
      },
      wrote(n) {
        bytes += n;
        context.progress(bytes);
      },
      failed({ path }, error) {
        if (isFull(error)) throw targetFull(to);
        if (!isFail(error, 'DAMAGED')) throw error;
        firstDamage ??= error;
        skipped.push({ path, code: 'DAMAGED', message: error.message });
      },
    });
    const directories: string[] = [];
    const made: { path: string; modified: number }[] = [];

    const writeAll = async (list: Iterable<Node>, directory: string, taken: Set<string>): Promise<void> => {
      for (const node of list) {
        await context.rest();
        throwIfAborted(context.signal);
        const another = (): string => {
          const name = freeName(safeFileName(node.name, platform), (n) => taken.has(alike(n)));
          taken.add(alike(name));
          return join(directory, name);
        };
        if (node.children) {
          const path = await makeNew(another);
          note(node, path);
          await writeAll(node.children.values(), path, new Set());
          made.push({ path, modified: node.modified });
          continue;
        }
        await delivery.add({ node, path: another(), another });
      }
      directories.push(directory);
    };

    const there = await readdir(to);
    const alike = await namesAlike(to, mark.tag);
    try {
      await writeAll(nodes, to, new Set(there.map(alike)));
      await delivery.finish();
    } finally {
      // Also after a failure nothing is still being written when this ends.
      await delivery.idle();
    }
    for (const { path, modified } of made) await utimes(path, new Date(), modified / 1000).catch(() => {});
    context.step('sync', 'Waiting for the disk');
    await syncFiles(to, written);
    for (const directory of directories) await syncDirectory(directory);
    if (written.length === 0 && firstDamage) throw firstDamage;
    return { files: written.length, bytes, skipped, ...(renamed.length > 0 ? { renamed } : {}) };
  }

  /** A directory we make ourselves: nothing in it can be a link that leads elsewhere. */
  async function makeNew(another: () => string): Promise<string> {
    for (;;) {
      const path = another();
      try {
        await mkdir(path, { mode: 0o755 });
        return path;
      } catch (error) {
        // Somebody made one of that name meanwhile; it is theirs.
        if (!isTaken(error)) throw error;
      }
    }
  }
}
