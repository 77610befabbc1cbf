import { createCommitter, type Entry, newItemId } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { decodeManifest, type ManifestChunk } from '../format/manifest.ts';
import { openRow } from '../format/row.ts';
import type { Node, Tree } from '../tree.ts';
import { manifestAtAll } from './rows.ts';

export interface Restored {
  /** What was made at the top: files and folders with all that is in them. */
  readonly items: string[];
  restored: number;
  same: number;
  skipped: number;
}

type Clash = Entry['clash'];

/** Entries, and chunks of theirs, that are shown in one transaction. */
const batchEntries = 500;
const batchChunks = 50_000;

/** The chunks of a file, also of one that only snapshots see. @returns null when they are not known any more */
export function chunksAtAll({ catalogue, keys }: Session, item: string): readonly ManifestChunk[] | null {
  const sealed = manifestAtAll(catalogue, item);
  const plain = sealed && openRow(keys, 'manifest', item, sealed);
  const manifest = plain && decodeManifest(plain);
  return manifest?.chunks ?? null;
}

const sameChunks = (a: readonly ManifestChunk[], b: readonly ManifestChunk[]): boolean =>
  a.length === b.length && a.every((chunk, i) => Buffer.compare(chunk.id, b[i]?.id ?? chunk.id.subarray(1)) === 0);

/**
 * Show files and folders of a view again, as new items: their bytes are in the vault already. A folder that is there takes in
 * what it lacks; where something else has the name, `clash` says what happens. What was finished stays when it is broken off.
 *
 * @param into the folder to show them in; undefined: where they lay, whose folders are made where they are gone
 */
export async function restoreFrom(
  core: Core,
  session: Session,
  view: Tree,
  chosen: readonly Node[],
  { into, clash }: { readonly into: string | null | undefined; readonly clash: Clash },
  progress: { readonly signal: AbortSignal; progress(done: number): void },
): Promise<Restored> {
  const { tree, catalogue } = session;
  const commit = createCommitter(core, session);
  const result: Restored = { items: [], restored: 0, same: 0, skipped: 0 };
  let batch: Entry[] = [];
  let chunkCount = 0;
  let done = 0;

  const flush = async (): Promise<void> => {
    const entries = batch;
    batch = [];
    chunkCount = 0;
    if (entries.length === 0) return;
    for (const [i, outcome] of (await commit(entries)).entries()) {
      if ('failure' in outcome || outcome.node === null) result.skipped++;
      else if (entries[i]?.stored) result.restored++;
    }
    done += entries.length;
    progress.progress(done);
  };
  const add = async (entry: Entry): Promise<void> => {
    batch.push(entry);
    chunkCount += entry.stored?.chunks.length ?? 0;
    if (batch.length >= batchEntries || chunkCount >= batchChunks) await flush();
  };

  /** The folder that a folder of the view is now, made where it is gone. Null is the root. */
  const folderNow = async (folder: Node | null): Promise<string | null> => {
    let parent: string | null = null;
    for (const step of folder ? view.path(folder) : []) {
      const own = tree.get(step.id);
      if (own?.children && !tree.inBin(own)) {
        parent = own.id;
        continue;
      }
      const there: Node | undefined = tree.children(parent).get(step.name);
      if (there?.children) {
        parent = there.id;
        continue;
      }
      const id = newItemId(core);
      const { name, modified } = step;
      await add({ id, parent, name, modified, clash: 'both', stored: null });
      await flush();
      parent = id;
    }
    return parent;
  };

  for (const top of chosen) {
    const parent = into === undefined ? await folderNow(parentIn(view, top)) : into;
    const stack: { node: Node; parent: string | null; fresh: boolean }[] = [{ node: top, parent, fresh: false }];
    for (let step = stack.pop(); step; step = stack.pop()) {
      progress.signal.throwIfAborted();
      const { node } = step;
      // In a folder that is made here there is nothing yet.
      const there = step.fresh ? undefined : tree.children(step.parent).get(node.name);
      if (node.children) {
        const merges = there?.children !== undefined && there.children !== null;
        if (there && !merges && clash === 'skip') {
          result.skipped++;
          continue;
        }
        const id = merges ? there.id : newItemId(core);
        if (!merges) {
          await add({ id, parent: step.parent, name: node.name, modified: node.modified, clash, stored: null });
          if (node === top) result.items.push(id);
        }
        for (const child of node.children.values()) stack.push({ node: child, parent: id, fresh: !merges });
        continue;
      }
      const chunks = chunksAtAll(session, node.id);
      if (!chunks?.every(({ id }) => catalogue.holds(id) !== null)) {
        result.skipped++;
        continue;
      }
      const now = there && there.kind === 'file' ? chunksAtAll(session, there.id) : null;
      if (now && sameChunks(now, chunks)) {
        result.same++;
        continue;
      }
      const { name, modified, size, mime } = node;
      const stored = { size, chunks, deduplicated: size, head: new Uint8Array(0) };
      const id = newItemId(core);
      await add({ id, parent: step.parent, name, modified, clash, stored, mime });
      if (node === top) result.items.push(id);
    }
  }
  await flush();
  result.items.splice(0, Number.POSITIVE_INFINITY, ...result.items.filter((id) => tree.get(id) !== null));
  return result;
}

const parentIn = (view: Tree, node: Node): Node | null => (node.parent === null ? null : view.get(node.parent));
