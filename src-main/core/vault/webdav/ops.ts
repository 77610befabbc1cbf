import { commitOne, createCommitter, type Entry, newItemId } from '../commit.ts';
import { editNodes } from '../edit.ts';
import { manifestOf } from '../service/read.ts';
import type { Node } from '../tree.ts';
import { conflict } from './dav-error.ts';
import type { Disk } from './exchange.ts';

/** Entries, and chunks of theirs, that are shown in one transaction. */
const batchEntries = 500;
const batchChunks = 50_000;

export function bin(disk: Disk, node: Node): void {
  const at = disk.core.deps.host.now();
  editNodes(disk.core, disk.session, [node], (one) => {
    one.binnedAt = at;
  });
}

/**
 * An empty file that gave way to another leaves nothing to keep: many clients make one first, to lock it, and write it a
 * moment later, and the bin would fill with them.
 */
export function dropEmpty({ session, core }: Disk, old: Node): void {
  if (old.kind !== 'file' || old.size > 0 || old.binnedAt === null || session.tree.get(old.id) !== old) return;
  session.catalogue.transaction(() => session.catalogue.dropItem(old.id));
  session.tree.drop(old);
  core.changed([old.id]);
}

/** In one step: what lay there goes to the bin, and the node takes its place. */
export function moveTo(disk: Disk, node: Node, parent: string | null, name: string, old: Node | null): void {
  const at = disk.core.deps.host.now();
  editNodes(disk.core, disk.session, old ? [old, node] : [node], (one) => {
    if (one === node) {
      one.parent = parent;
      one.name = name;
    } else {
      one.binnedAt = at;
    }
  });
  if (old) dropEmpty(disk, old);
}

export async function makeFolder({ core, session }: Disk, parent: string | null, name: string): Promise<Node> {
  const modified = core.deps.host.now();
  const entry = { id: newItemId(core), parent, name, modified, clash: 'skip', stored: null } as const;
  const node = await commitOne(core, session, entry);
  if (!node) throw conflict();
  return node;
}

export async function makeEmptyFile({ core, session }: Disk, parent: string | null, name: string): Promise<Node> {
  const stored = { size: 0, chunks: [], deduplicated: 0, head: new Uint8Array() };
  const modified = core.deps.host.now();
  const node = await commitOne(core, session, { id: newItemId(core), parent, name, modified, clash: 'skip', stored });
  if (!node) throw conflict();
  return node;
}

/**
 * The same again under another name: chunks are stored once, so no byte is moved. `deep` with what a folder holds. What is
 * there already goes to the bin. A copy that breaks off goes there as well.
 */
export async function copyTo(
  disk: Disk,
  source: Node,
  parent: string | null,
  name: string,
  old: Node | null,
  deep: boolean,
): Promise<void> {
  const { core, session } = disk;
  const commit = createCommitter(core, session);
  // What lies there now: it may change while the copy is made.
  const nodes = deep ? [...session.tree.below(source)].map((node) => ({ node, above: node.parent })) : [];
  const ids = new Map<string, string>([[source.id, newItemId(core)]]);
  const entryOf = (node: Node, into: string | null, as: string, clash: Entry['clash']): Entry => {
    const id = ids.get(node.id) ?? newItemId(core);
    ids.set(node.id, id);
    const stored =
      node.kind === 'folder'
        ? null
        : { size: node.size, chunks: manifestOf(session, node.id), deduplicated: node.size, head: new Uint8Array() };
    return { id, parent: into, name: as, modified: node.modified, clash, stored };
  };
  const show = async (entries: readonly Entry[]): Promise<void> => {
    if (entries.length === 0) return;
    for (const outcome of await commit(entries)) if ('failure' in outcome) throw outcome.failure;
  };
  const top = entryOf(source, parent, name, 'replace');
  await show([top]);
  if (old) dropEmpty(disk, old);
  try {
    let batch: Entry[] = [];
    let chunks = 0;
    for (const { node, above } of nodes) {
      const into = above === null ? undefined : ids.get(above);
      if (into === undefined || session.tree.get(node.id) !== node) continue;
      const entry = entryOf(node, into, node.name, 'both');
      batch.push(entry);
      chunks += entry.stored?.chunks.length ?? 0;
      if (batch.length < batchEntries && chunks < batchChunks) continue;
      await show(batch);
      batch = [];
      chunks = 0;
    }
    await show(batch);
  } catch (error) {
    const made = session.tree.get(top.id);
    if (made && !session.signal.aborted) bin(disk, made);
    throw error;
  }
  disk.dead.copy([...ids].map(([from, to]) => ({ from, to })));
}
