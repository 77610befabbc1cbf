import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import { commitOne, newItemId } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { editNodes } from '../edit.ts';
import { notFound, throwIfAborted, twoWriters } from '../failures.ts';
import { freeName } from '../names.ts';
import { forkKnown, mustKeep } from '../store/fork.ts';
import { sweepStrangers } from '../store/strangers.ts';
import type { Node } from '../tree.ts';
import { freeSpace } from '../versions/forget.ts';
import { binnedNodesOf, type Describer, folderOf, nodeOf, nodesOf } from './describe.ts';
import { manifestOf } from './read.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = Pick<
  Vault,
  'vault.makeFolder' | 'vault.rename' | 'vault.move' | 'vault.bin' | 'vault.restore' | 'vault.purge'
>;

const nameTaken = (name: string) =>
  fail('NAME_TAKEN', `There is already something named "${name}" in this folder.`, { next: 'Choose another name.' });

export function changeHandlers(core: Core, describe: Describer): Part {
  const edit = (session: Session, nodes: readonly Node[], change: (node: Node) => void): void =>
    editNodes(core, session, nodes, change);

  return {
    async 'vault.makeFolder'(input, context) {
      const session = await core.session();
      const parent = folderOf(session, input.parent);
      if (session.tree.children(parent).has(input.name)) throw nameTaken(input.name);
      const modified = core.deps.host.now();
      const node = await commitOne(core, session, {
        id: newItemId(core),
        parent,
        name: input.name,
        modified,
        clash: 'both',
        stored: null,
      });
      if (!node) throw notFound('The folder');
      context.undo('vault.bin', { items: [node.id] });
      return { item: describe.item(session, node) };
    },

    async 'vault.rename'(input, context) {
      const session = await core.session();
      const node = nodeOf(session, input.item);
      const siblings = node.binnedAt === null ? session.tree.children(node.parent) : null;
      const there = siblings?.get(input.name);
      if (there && there !== node) throw nameTaken(input.name);
      const old = node.name;
      edit(session, [node], (n) => {
        n.name = input.name;
      });
      context.undo('vault.rename', { item: node.id, name: old });
      return { item: describe.item(session, node) };
    },

    async 'vault.move'(input, context) {
      const session = await core.session();
      const { tree } = session;
      const into = folderOf(session, input.into);
      const target = tree.children(into);
      const above = into === null ? [] : tree.path(nodeOf(session, into)).map((n) => n.id);
      const nodes = nodesOf(session, input.items).filter((n) => n.parent !== into);
      const names = new Set<string>();
      for (const node of nodes) {
        if (above.includes(node.id)) {
          throw fail('INTO_ITSELF', `"${node.name}" cannot be moved into itself.`, { next: 'Choose another folder.' });
        }
        if (tree.inBin(node)) throw notFound(`"${node.name}"`);
        if (target.has(node.name) || names.has(node.name)) throw nameTaken(node.name);
        names.add(node.name);
      }
      const from = new Set(nodes.map((n) => n.parent));
      edit(session, nodes, (n) => {
        n.parent = into;
      });
      // One call can only put back what came from one folder.
      if (nodes.length > 0 && from.size === 1) {
        context.undo('vault.move', { items: nodes.map((n) => n.id), into: [...from][0] ?? 'root' });
      }
      return { moved: nodes.length };
    },

    async 'vault.bin'(input, context) {
      const session = await core.session();
      const nodes = nodesOf(session, input.items).filter((n) => n.binnedAt === null);
      const at = core.deps.host.now();
      edit(session, nodes, (node) => {
        node.binnedAt = at;
      });
      if (nodes.length > 0) context.undo('vault.restore', { items: nodes.map((n) => n.id) });
      return { binned: nodes.length };
    },

    async 'vault.restore'(input, context) {
      const session = await core.session();
      const { tree } = session;
      const nodes = binnedNodesOf(session, input.items).filter((n) => n.binnedAt !== null);
      edit(session, nodes, (node) => {
        const parent = node.parent === null ? null : tree.get(node.parent);
        // Its folder is gone or in the bin itself: the root is always there.
        if (node.parent !== null && (!parent?.children || tree.inBin(parent))) node.parent = null;
        const siblings = tree.children(node.parent);
        node.name = freeName(node.name, (name) => siblings.has(name));
        node.binnedAt = null;
      });
      if (nodes.length > 0) context.undo('vault.bin', { items: nodes.map((n) => n.id) });
      return { restored: nodes.length };
    },

    async 'vault.purge'(input, context) {
      const session = await core.session();
      const { tree, catalogue } = session;
      const chosen = input.items ? binnedNodesOf(session, input.items) : [...tree.bin.values()];
      for (const node of chosen) {
        if (!tree.inBin(node)) {
          throw fail('NOT_IN_BIN', `"${node.name}" is not in the bin.`, {
            meaning: 'Nothing was deleted.',
            next: 'Put it in the bin first.',
          });
        }
      }
      // Looked at now: what another agent did a moment ago must not be deleted for want of a notice.
      await session.engine.places.refreshAfter(0);
      if (await mustKeep(session.engine)) {
        core.changed([], false);
        throw twoWriters(forkKnown(session.engine));
      }
      context.step('forget', 'Forgetting the files', { total: chosen.length, unit: 'items' });
      let purged = 0;
      let kept = 0;
      for (const [i, top] of chosen.entries()) {
        throwIfAborted(context.signal);
        if (!tree.get(top.id)) continue;
        const nodes = [top, ...tree.below(top)];
        catalogue.transaction(() => {
          for (const node of nodes) {
            const chunks = node.kind === 'file' ? chunksOrNone(session, node) : [];
            if (catalogue.dropItem(node.id)) kept += node.kind === 'file' ? 1 : 0;
            else for (const { id } of chunks) catalogue.reference(id, -1);
          }
        });
        tree.drop(top);
        purged += nodes.length;
        context.progress(i + 1);
      }
      core.changed([]);
      context.step('free', 'Freeing their space');
      const freed = await freeSpace(session, context.signal);
      return {
        purged,
        freed: freed + (await sweepStrangers(session.engine)),
        ...(kept > 0 ? { inSnapshots: kept } : {}),
      };
    },
  };
}

/** A manifest that cannot be opened frees nothing; the file itself can still be deleted. */
function chunksOrNone(session: Session, node: Node) {
  try {
    return manifestOf(session, node.id);
  } catch {
    return [];
  }
}
