import { randomId } from '#core/crypto/ids.ts';
import { type Fail, isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from './core.ts';
import { notFound } from './failures.ts';
import { encodeManifest } from './format/manifest.ts';
import { encodeItem, sealRow, storableTime } from './format/row.ts';
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
  /** Where it is known already; left out, it is guessed from the name and the first bytes. */
  readonly mime?: string;
  /** The only item that may be there by then (null: none may): what came there since is left, and the entry skipped. */
  readonly over?: string | null;
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

/** The node, or null when the name was taken and the entry was to be skipped; or why there is none. */
export type Outcome = { readonly node: Node | null } | { readonly failure: Fail };

/**
 * Makes entries visible: many in one transaction, in the order they came. When it resolves they are durable. One whose
 * folder is gone does not take the others along.
 */
export function createCommitter(core: Core, session: Session): (entries: readonly Entry[]) => Promise<Outcome[]> {
  const { tree, catalogue, keys } = session;
  const { group } = session.engine;
  const { random, now } = core.deps.host;

  /** `undo` takes how to put the tree in memory back, as it was before each step. */
  const show = (entry: Entry, undo: (() => void)[]): Node | null => {
    const siblings = tree.children(entry.parent);
    if (entry.parent !== null && tree.get(entry.parent)?.kind !== 'folder') throw notFound('The folder');
    const old = siblings.get(entry.name);
    if (old && entry.clash === 'skip') return null;
    if (entry.over !== undefined && (old?.id ?? null) !== entry.over) return null;
    if (old && entry.clash === 'replace') {
      undo.push(() => setBinned(session, old, null));
      setBinned(session, old, now());
      saveNode(session, core, old);
    }
    const name = freeName(entry.name, (n) => siblings.has(n));
    const kind = entry.stored ? 'file' : 'folder';
    const node = tree.add(entry.id, {
      parent: entry.parent,
      kind,
      name,
      size: entry.stored?.size ?? 0,
      modified: storableTime(entry.modified),
      added: now(),
      mime: entry.stored ? (entry.mime ?? guessMime(name, entry.stored.head)) : '',
      binnedAt: null,
    });
    undo.push(() => void tree.drop(node));
    const { id, stored } = entry;
    const manifest = stored && sealRow(keys, random, 'manifest', id, encodeManifest({ chunks: stored.chunks }));
    catalogue.addItem(id, sealRow(keys, random, 'item', id, encodeItem(recordOf(node))), manifest);
    for (const { id: chunk } of stored?.chunks ?? []) {
      const pack = catalogue.refer(chunk);
      if (pack === null) throw new Error('a chunk vanished before its file was committed');
      catalogue.linkPack(id, pack);
    }
    return node;
  };

  return async (entries) => {
    const undo: (() => void)[] = [];
    const outcomes = await group.add({
      apply() {
        // Locked meanwhile: these are given up, and not what others have in the group.
        if (session.signal.aborted) return null;
        const done = entries.map((entry): Outcome => {
          const before = undo.length;
          try {
            return { node: show(entry, undo) };
          } catch (error) {
            // Nothing of it was written yet.
            if (isFail(error) && undo.length === before) return { failure: error };
            throw error;
          }
        });
        core.deps.probe?.('items-committing');
        return done;
      },
      committed: () => core.deps.probe?.('items-committed'),
      // The tree in memory may be ahead of the catalogue now: step by step it goes back, the last one first.
      undo() {
        for (const step of undo.reverse()) step();
      },
    });
    if (!outcomes) throw session.signal.reason;
    await group.settled();
    core.changed(entries.map(({ id }) => id));
    return outcomes;
  };
}

/** One entry. @returns null when the name was taken and it was to be skipped. @throws Fail NOT_FOUND */
export async function commitOne(core: Core, session: Session, entry: Entry): Promise<Node | null> {
  const [outcome] = await createCommitter(core, session)([entry]);
  if (!outcome) throw new Error('an entry without an outcome');
  if ('failure' in outcome) throw outcome.failure;
  return outcome.node;
}
