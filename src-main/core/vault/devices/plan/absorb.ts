import type { Node, Tree } from '../../tree.ts';
import { type Context, contextOf, type EntryId, isIn } from '../model/records.ts';
import type { Entry, Registers } from '../model/registers.ts';
import type { ContentId } from '../ports.ts';
import type { Agreed, AgreedTree } from './agreed.ts';
import type { Projection, Shown } from './project.ts';
import { createReviver } from './revive.ts';

/** A write to be made, without what its author gives it. */
export type Draft =
  | {
      readonly kind: 'place';
      readonly entry: EntryId;
      readonly parent: EntryId | null;
      readonly type: 'file' | 'folder';
      readonly name: string;
    }
  | {
      readonly kind: 'content';
      readonly entry: EntryId;
      readonly content: ContentId;
      readonly size: number;
      readonly modified: number;
      readonly past: Context;
    }
  | {
      readonly kind: 'state';
      readonly entry: EntryId;
      readonly state: 'here' | 'binned' | 'gone';
      readonly seen: Context;
    };

export interface Absorbed {
  readonly drafts: readonly Draft[];
  /** `own`: the content was written by this, and the agreement has seen that write too. */
  readonly put: readonly (Agreed & { readonly own: boolean })[];
  readonly drop: readonly EntryId[];
  /** Files that are to be read once before anything can be said of them. */
  readonly unread: readonly Node[];
  /** Entries that one of these may be a new version of: they are left alone meanwhile. */
  readonly held: ReadonlySet<EntryId>;
}

export interface LocalSide {
  readonly tree: Tree;
  readonly agreed: AgreedTree;
  /** The content of a file of the vault, once it was read. */
  contentOf(item: string): ContentId | undefined;
  /** There is a row of it, although nothing of it may be readable. */
  isDamaged(item: string): boolean;
}

/**
 * What the person did in this vault since it last agreed with the registers, as writes. Pure, but for `newEntry`. What lies at the place of an
 * entry that is not here yet, and is the same, becomes that entry without a write.
 */
export function absorb(
  local: LocalSide,
  { entries }: Pick<Registers, 'entries'>,
  projection: Projection,
  newEntry: () => EntryId,
): Absorbed {
  const { tree, agreed } = local;
  const drafts: Draft[] = [];
  const put: (Agreed & { own: boolean })[] = [];
  const drop: EntryId[] = [];
  const unread: Node[] = [];
  const held = new Set<EntryId>();
  /** Items that stand for an entry since a moment ago. */
  const fresh = new Map<string, EntryId>();

  const places = indexPlaces(projection);
  const away = indexAway(local);
  const adopted = new Set<EntryId>();

  const twinsOf = (entry: EntryId): readonly EntryId[] => projection.shown.get(entry)?.twins ?? [];
  const typeOf = (entry: EntryId): 'file' | 'folder' => entries.get(entry)?.place?.type ?? 'file';
  const seenOf = (entry: EntryId): Context => contextOf(entries.get(entry)?.contents ?? []);
  /** What is done to an entry is done to those that look the same; of files, these go. */
  const also = (entry: EntryId, folder: (twin: EntryId) => Draft): void => {
    for (const twin of twinsOf(entry)) {
      if (typeOf(twin) === 'folder') drafts.push(folder(twin));
      else drafts.push({ kind: 'state', entry: twin, state: 'gone', seen: seenOf(twin) });
    }
  };
  const revive = createReviver(entries, (draft) => drafts.push(draft));
  const setState = (entry: EntryId, state: 'here' | 'binned' | 'gone', seen: Context): void => {
    // It is deleted for all already.
    if (state !== 'here' && isGone(entries.get(entry))) return;
    if (state === 'here') revive(entry);
    drafts.push({ kind: 'state', entry, state, seen });
    also(entry, (twin) => ({ kind: 'state', entry: twin, state, seen: [] }));
  };
  const setPlace = (entry: EntryId, parent: EntryId | null, node: Node): void => {
    const { kind: type, name } = node;
    revive(entry);
    revive(parent);
    drafts.push({ kind: 'place', entry, parent, type, name });
    also(entry, (twin) => ({ kind: 'place', entry: twin, parent, type, name }));
  };
  const agree = (entry: EntryId, node: Node, content: ContentId | null, seen: Context, own = false): void => {
    const { id: item, parent, name } = node;
    put.push({ entry, item, parent, name, binned: false, content, seen, own });
    fresh.set(item, entry);
  };
  const entryOf = (item: string | null): EntryId | null | undefined =>
    item === null ? null : (fresh.get(item) ?? agreed.ofItem(item)?.entry);

  const fileCame = (node: Node, parent: EntryId | null): void => {
    const content = local.contentOf(node.id);
    const old = away.get(keyOf(node.parent, node.name));
    const before = old !== undefined && !fresh.has(old.item) && !adopted.has(old.entry) ? old : undefined;
    if (content === undefined) {
      unread.push(node);
      if (before) held.add(before.entry);
      return;
    }
    const { size, modified } = node;
    if (before) {
      adopted.add(before.entry);
      const isNew = before.content !== content;
      if (isNew) {
        revive(before.entry);
        drafts.push({ kind: 'content', entry: before.entry, content, size, modified, past: before.seen });
        also(before.entry, (twin) => ({ kind: 'state', entry: twin, state: 'gone', seen: [] }));
      }
      agree(before.entry, node, content, before.seen, isNew);
      return;
    }
    const there = places.get(keyOf(parent, node.name));
    if (there?.content?.content === content && !agreed.of(there.entry) && !adopted.has(there.entry)) {
      adopted.add(there.entry);
      agree(there.entry, node, content, seenOf(there.entry));
      return;
    }
    const entry = newEntry();
    revive(parent);
    drafts.push({ kind: 'place', entry, parent, type: 'file', name: node.name });
    drafts.push({ kind: 'content', entry, content, size, modified, past: [] });
    agree(entry, node, content, [], true);
  };
  const folderCame = (node: Node, parent: EntryId | null): void => {
    const there = places.get(keyOf(parent, node.name));
    const isFree = there?.type === 'folder' && !adopted.has(there.entry);
    // Also one that is known here under the id of its twin.
    if (isFree && ![there.entry, ...there.twins].some((one) => agreed.of(one))) {
      adopted.add(there.entry);
      agree(there.entry, node, null, []);
      return;
    }
    const entry = newEntry();
    revive(parent);
    drafts.push({ kind: 'place', entry, parent, type: 'folder', name: node.name });
    agree(entry, node, null, []);
  };

  const waiting: ReadonlyMap<string, Node>[] = [tree.root];
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    for (const node of folder.values()) {
      const known = agreed.ofItem(node.id);
      const parent = entryOf(node.parent);
      // Its folder comes before it, so that is known.
      if (parent === undefined) continue;
      if (!known) {
        if (node.kind === 'folder') folderCame(node, parent);
        else fileCame(node, parent);
      } else {
        const moved = known.parent !== node.parent || known.name !== node.name;
        if (known.binned) setState(known.entry, 'here', []);
        if (moved) setPlace(known.entry, parent, node);
        if (known.binned || moved) agree(known.entry, node, known.content, known.seen);
      }
      if (node.children) waiting.push(node.children);
    }
  }
  for (const known of agreed.all()) {
    const node = tree.get(known.item);
    if ((node && !tree.inBin(node)) || adopted.has(known.entry) || held.has(known.entry)) continue;
    if (node) {
      if (known.binned) continue;
      setState(known.entry, 'binned', known.seen);
      const { id: item, parent, name } = node;
      put.push({ ...known, item, parent, name, binned: true, own: false });
    } else if (!local.isDamaged(known.item)) {
      setState(known.entry, 'gone', known.seen);
      drop.push(known.entry);
    }
  }
  return { drafts, put, drop, unread, held };
}

/** Deleted, with all that it was. */
export const isGone = (entry: Entry | undefined): boolean =>
  entry?.state?.state === 'gone' && entry.contents.every((one) => isIn(entry.state?.seen ?? [], one));

const keyOf = (folder: string | null, name: string): string => `${folder ?? ''}/${name}`;

function indexPlaces({ shown }: Projection): Map<string, Shown> {
  const out = new Map<string, Shown>();
  for (const one of shown.values()) out.set(keyOf(one.parent, one.name), one);
  return out;
}

/** Files that were here and are not any more, by where they lay: what lies there now is their new version. */
function indexAway({ tree, agreed }: LocalSide): Map<string, Agreed> {
  const out = new Map<string, Agreed>();
  for (const known of agreed.all()) {
    if (known.content === null || known.binned) continue;
    const node = tree.get(known.item);
    if (!node || tree.inBin(node)) out.set(keyOf(known.parent, known.name), known);
  }
  return out;
}
