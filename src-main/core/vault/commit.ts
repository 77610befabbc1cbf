import { randomId } from '#core/crypto/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from './core.ts';
import { notFound } from './failures.ts';
import { encodeManifest } from './format/manifest.ts';
import { encodeItem, sealRow } from './format/row.ts';
import { guessMime } from './mime.ts';
import { freeName } from './names.ts';
import type { Stored } from './store/ingest.ts';
import { type Node, recordOf } from './tree.ts';

export type Clash = 'both' | 'replace' | 'skip';

/** A file or folder to be shown. `id` is chosen ahead so that what lies in a folder can name it. */
export interface Entry {
  readonly id: string;
  readonly parent: string | null;
  readonly name: string;
  readonly modified: number;
  readonly clash: Clash;
  /** Null for a folder. */
  readonly stored: Stored | null;
}

/** Write a node's record. In a transaction of the caller's. */
export function saveNode(session: Session, core: Core, node: Node): void {
  const sealed = sealRow(session.keys, core.deps.host.random, 'item', node.id, encodeItem(recordOf(node)));
  session.catalogue.putItem(node.id, sealed);
}

export const newItemId = (core: Core): string => randomId(core.deps.host.random);

/** Put a node in the bin, or back where it was for null. In memory only. */
function setBinned({ tree }: Session, node: Node, at: number | null): void {
  tree.detach(node);
  node.binnedAt = at;
  tree.attach(node);
}

/**
 * Makes entries visible: many in one transaction, in the order they came. Returns the node, or null when the name was
 * taken and the entry was to be skipped. When it resolves the entry is durable.
 */
export function createCommitter(core: Core, session: Session) {
  interface Waiting {
    readonly entry: Entry;
    resolve(node: Node | null): void;
    reject(error: unknown): void;
  }
  let queue: Waiting[] | null = null;

  /** `undo` takes how to put the tree in memory back, as it was before each step. */
  const apply = (entry: Entry, undo: (() => void)[]): (() => Node | null) => {
    const { tree, catalogue, keys } = session;
    const random = core.deps.host.random;
    const siblings = tree.children(entry.parent);
    if (entry.parent !== null && tree.get(entry.parent)?.kind !== 'folder') throw notFound('The folder');
    const old = siblings.get(entry.name);
    if (old && entry.clash === 'skip') return () => null;
    if (old && entry.clash === 'replace') {
      undo.push(() => setBinned(session, old, null));
      setBinned(session, old, core.deps.host.now());
      saveNode(session, core, old);
    }
    const name = freeName(entry.name, (n) => siblings.has(n));
    const kind = entry.stored ? 'file' : 'folder';
    const node = tree.add(entry.id, {
      parent: entry.parent,
      kind,
      name,
      size: entry.stored?.size ?? 0,
      modified: entry.modified,
      added: core.deps.host.now(),
      mime: entry.stored ? guessMime(name, entry.stored.head) : '',
      binnedAt: null,
    });
    undo.push(() => void tree.drop(node));
    saveNode(session, core, node);
    if (entry.stored) {
      const manifest = encodeManifest({ chunks: entry.stored.chunks });
      catalogue.putManifest(entry.id, sealRow(keys, random, 'manifest', entry.id, manifest));
      for (const { id } of entry.stored.chunks) {
        const chunk = catalogue.chunk(id);
        if (!chunk || !catalogue.reference(id, 1)) throw new Error('a chunk vanished before its file was committed');
        catalogue.linkPack(entry.id, chunk.pack);
      }
    }
    return () => node;
  };

  const flush = (): void => {
    const batch = queue ?? [];
    queue = null;
    const done: (() => void)[] = [];
    const undo: (() => void)[] = [];
    try {
      session.signal.throwIfAborted();
      session.catalogue.transaction(() => {
        for (const waiting of batch) {
          const before = undo.length;
          try {
            const result = apply(waiting.entry, undo);
            done.push(() => waiting.resolve(result()));
          } catch (error) {
            // One entry whose folder is gone does not take the others along: nothing of it was written yet.
            if (!isFail(error) || undo.length > before) throw error;
            done.push(() => waiting.reject(error));
          }
        }
        core.deps.probe?.('items-committing');
      });
    } catch (error) {
      // The tree in memory may be ahead of the catalogue now: step by step it goes back, the last one first.
      for (const step of undo.reverse()) step();
      for (const { reject } of batch) reject(error);
      return;
    }
    core.deps.probe?.('items-committed');
    for (const resolve of done) resolve();
    core.changed(batch.map((waiting) => waiting.entry.id));
  };

  return (entry: Entry): Promise<Node | null> =>
    new Promise((resolve, reject) => {
      if (!queue) {
        queue = [];
        setImmediate(flush);
      }
      queue.push({ entry, resolve, reject });
    });
}
