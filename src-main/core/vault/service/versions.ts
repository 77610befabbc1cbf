import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { notFound, twoWriters } from '../failures.ts';
import type { Snapshot } from '../format/snapshot.ts';
import { forkKnown, mustKeep } from '../store/fork.ts';
import type { Node, Tree } from '../tree.ts';
import { compareVersions } from '../versions/compare.ts';
import { historyOf } from '../versions/history.ts';
import { restoreFrom } from '../versions/restore.ts';
import { problemWith } from '../versions/take.ts';
import type { Versions } from '../versions/versions.ts';
import { folderOf } from './describe.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = Pick<
  Vault,
  | 'vault.snapshots'
  | 'vault.takeSnapshot'
  | 'vault.removeSnapshots'
  | 'vault.listSnapshot'
  | 'vault.history'
  | 'vault.compare'
  | 'vault.restoreFrom'
  | 'vault.checkSnapshot'
  | 'vault.configureSnapshots'
>;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

const told = ({ number, at, automatic, name, files, folders, size }: Snapshot) => ({
  ...{ number, at, automatic, name, files, folders, size },
});

/** How the vault was at earlier times, and bringing it back. */
export function versionHandlers(core: Core, versions: Versions): Part {
  /** @throws Fail NOT_FOUND */
  const snapshotOf = (session: Session, number: number): Snapshot => {
    const found = versions.list(session).find((one) => one.number === number);
    if (!found) {
      throw fail('NOT_FOUND', `There is no snapshot ${number}.`, {
        meaning: 'It may have been removed, or thinned out as the policy says.',
        next: 'Look at the list of snapshots again.',
      });
    }
    return found;
  };
  const nodeIn = (view: Tree, ref: string): Node => {
    const node = view.find(ref);
    if (!node) throw notFound(`"${ref}" in this snapshot`);
    return node;
  };

  return {
    async 'vault.snapshots'() {
      const session = await core.session();
      return { snapshots: versions.list(session).reverse().map(told), policy: versions.policy() };
    },

    async 'vault.takeSnapshot'(input, context) {
      const session = await core.session();
      context.step('hash', 'Taking note of every file');
      const snapshot = await versions.take(session, input.name, context.signal);
      context.undo('vault.removeSnapshots', { snapshots: [snapshot.number] });
      return { snapshot: told(snapshot) };
    },

    async 'vault.removeSnapshots'(input, context) {
      const session = await core.session();
      const numbers = [...new Set(input.snapshots)];
      for (const number of numbers) snapshotOf(session, number);
      if (await mustKeep(session.engine)) throw twoWriters(forkKnown(session.engine));
      context.step('free', 'Freeing what only these snapshots held');
      return { removed: numbers.length, freed: await versions.forget(session, numbers, context.signal) };
    },

    async 'vault.listSnapshot'(input) {
      const session = await core.session();
      const snapshot = snapshotOf(session, input.snapshot);
      const view = await versions.view(session, input.snapshot);
      const top = input.folder === 'root' || /^\/+$/.test(input.folder);
      const folder = top ? null : nodeIn(view, input.folder);
      if (folder && !folder.children) throw notFound(`A folder "${input.folder}" in this snapshot`);
      const nodes = [...(folder?.children ?? view.root).values()];
      nodes.sort(
        (a, b) =>
          Number(a.kind === 'file') - Number(b.kind === 'file') ||
          collator.compare(a.name, b.name) ||
          (a.id < b.id ? -1 : 1),
      );
      return {
        snapshot: told(snapshot),
        path: folder ? view.path(folder).map(({ id, name }) => ({ id, name })) : [],
        items: nodes.slice(input.offset, input.offset + input.limit).map((node) => ({
          id: node.id as ItemId,
          ...{ kind: node.kind, name: node.name, size: node.size, modified: node.modified, mime: node.mime },
          now: nowOf(session, node),
        })),
        total: nodes.length,
      };
    },

    async 'vault.history'(input) {
      const session = await core.session();
      let tree = session.tree;
      let node = tree.find(input.item);
      for (const { number } of node ? [] : versions.list(session).reverse()) {
        tree = await versions.view(session, number);
        node = tree.find(input.item);
        if (node) break;
      }
      if (!node) throw notFound(`"${input.item}"`);
      if (node.kind !== 'file') {
        throw fail('NOT_FOUND', `"${node.name}" is a folder.`, {
          next: 'Earlier versions are kept of files; look into a snapshot for a folder as it was.',
        });
      }
      const above = tree
        .path(node)
        .slice(0, -1)
        .map(({ name }) => name);
      return {
        versions: historyOf(session, node).map(({ id, name, snapshots, ...version }) => ({
          ...version,
          id: id as ItemId,
          path: `/${[...above, name].join('/')}`,
          snapshots: snapshots && { first: told(snapshots.first), last: told(snapshots.last) },
        })),
      };
    },

    async 'vault.compare'({ older, newer, context }) {
      const { pieces, ...told } = await compareVersions(await core.session(), older, newer, context);
      return { ...told, pieces: pieces.map(({ lines, ...piece }) => ({ ...piece, lines: [...lines] })) };
    },

    async 'vault.restoreFrom'(input, context) {
      const session = await core.session();
      snapshotOf(session, input.snapshot);
      const into = input.into === undefined ? undefined : folderOf(session, input.into);
      return versions.alone(async () => {
        snapshotOf(session, input.snapshot);
        const view = await versions.view(session, input.snapshot);
        const nodes = [...new Set(input.items.map((ref) => nodeIn(view, ref)))];
        const total = nodes.reduce((sum, node) => sum + 1 + (node.children ? [...view.below(node)].length : 0), 0);
        context.step('restore', 'Bringing files back', { total, unit: 'items' });
        const result = await restoreFrom(core, session, view, nodes, { into, clash: input.clash }, context);
        // What was replaced lies in the bin, and one call cannot put it back as well.
        if (result.items.length > 0 && input.clash !== 'replace') context.undo('vault.bin', { items: result.items });
        return { ...result, items: result.items as ItemId[] };
      });
    },

    async 'vault.checkSnapshot'(input, context) {
      const session = await core.session();
      const { rows } = snapshotOf(session, input.snapshot);
      context.step('check', 'Checking every row and the signatures');
      const problem = await versions.alone(() => problemWith(session, input.snapshot, context.signal));
      return problem === null ? { ok: true, rows } : { ok: false, rows, problem };
    },

    async 'vault.configureSnapshots'(input, context) {
      core.opened();
      core.root();
      const before = versions.policy();
      const given = Object.entries(input).filter(([, value]) => value !== undefined);
      versions.configure({ ...before, ...Object.fromEntries(given) });
      context.undo('vault.configureSnapshots', { ...before });
      return versions.policy();
    },
  };
}

function nowOf({ tree }: Session, then: Node): 'same' | 'changed' | 'binned' | 'gone' {
  const node = tree.get(then.id);
  if (!node) return 'gone';
  if (tree.inBin(node)) return 'binned';
  const same = node.name === then.name && node.parent === then.parent && node.modified === then.modified;
  return same && node.size === then.size ? 'same' : 'changed';
}
