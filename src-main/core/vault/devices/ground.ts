import { createCommitter, type Entry, newItemId, saveNode } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import type { Stored } from '../store/ingest.ts';
import type { Node } from '../tree.ts';
import { chunksOf } from '../watched/site.ts';
import type { Edit } from './plan/arrange.ts';
import type { ContentId } from './ports.ts';
import type { Ground, Making, Memory } from './settle.ts';

/** A content that came and is in no file yet. */
export interface Ready {
  readonly stored: Stored;
  release(): void;
}

/** The vault of this computer, changed as other devices tell. */
export function createGround(
  core: Core,
  session: Session,
  memory: Memory,
  ready: ReadonlyMap<ContentId, Ready>,
): Ground & { itemOf(content: ContentId): Node | null } {
  const { tree, catalogue } = session;
  const commit = createCommitter(core, session);

  const itemOf = (content: ContentId): Node | null => {
    for (const item of memory.itemsOf(content)) {
      const node = tree.get(item);
      if (node) return node;
    }
    return null;
  };
  /** Nothing is read: another file of the same bytes refers to the same chunks. */
  const sourceOf = (content: ContentId): { readonly stored: Stored; readonly mime?: string } | null => {
    const came = ready.get(content);
    if (came) return { stored: came.stored };
    const node = itemOf(content);
    if (!node) return null;
    const chunks = chunksOf(session, node.id);
    if (!chunks?.every(({ id }) => catalogue.holds(id) !== null)) return null;
    const stored = { size: node.size, chunks, deduplicated: node.size, head: new Uint8Array(0) };
    return { stored, mime: node.mime };
  };
  const entryOf = (making: Making): Entry | null => {
    const { id, parent, name, modified, content, over } = making;
    const front = { id, parent, name, modified };
    if (content === null) return { ...front, clash: 'both', stored: null };
    const source = sourceOf(content);
    if (!source) return null;
    return { ...front, ...source, ...(over === null ? { clash: 'both' } : { clash: 'replace', over }) };
  };

  return {
    tree,
    itemOf,
    isDamaged: (item) =>
      tree.get(item) === null && catalogue.one('SELECT 1 AS there FROM items WHERE id = ?', item) !== null,
    newId: () => newItemId(core),
    isHere: (content) => ready.has(content) || itemOf(content) !== null,
    edit(edits, also) {
      const before = edits.map(({ node: { parent, name, binnedAt } }) => ({ parent, name, binnedAt }));
      const now = core.deps.host.now();
      const place = (change: (edit: Edit, i: number) => void): void => {
        const nodes = edits.map(({ node }) => node);
        const depths = (): Map<Node, number> => new Map(nodes.map((node) => [node, tree.path(node).length]));
        // All leave before any comes, for names may go round; what weighs in a folder leaves before it, and comes after it.
        const here = depths();
        for (const node of nodes.toSorted((a, b) => (here.get(b) ?? 0) - (here.get(a) ?? 0))) tree.detach(node);
        for (const [i, edit] of edits.entries()) change(edit, i);
        const there = depths();
        for (const node of nodes.toSorted((a, b) => (there.get(a) ?? 0) - (there.get(b) ?? 0))) tree.attach(node);
      };
      core.deps.probe?.('devices-moving');
      try {
        catalogue.transaction(() => {
          place(({ node, parent, name, binned }) => {
            Object.assign(node, { parent, name, binnedAt: binned ? (node.binnedAt ?? now) : null });
          });
          for (const { node } of edits) saveNode(session, core, node);
          also();
        });
      } catch (error) {
        place(({ node }, i) => Object.assign(node, before[i]));
        throw error;
      }
      core.deps.probe?.('devices-moved');
      if (edits.length > 0) core.changed(edits.map(({ node }) => node.id));
    },
    async create(makings) {
      const entries = makings.map(entryOf);
      const wanted = entries.flatMap((entry) => (entry ? [entry] : []));
      if (wanted.length === 0) return makings.map(() => null);
      const outcomes = await commit(wanted);
      core.deps.probe?.('devices-made');
      const made = new Map(wanted.map((entry, i) => [entry.id, outcomes[i]]));
      return makings.map(({ id }) => {
        const outcome = made.get(id);
        return outcome && 'node' in outcome ? outcome.node : null;
      });
    },
  };
}
