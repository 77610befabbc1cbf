import { freeName } from '../../names.ts';
import type { Node, Tree } from '../../tree.ts';
import { type Context, contextOf, type EntryId, isIn } from '../model/records.ts';
import type { Registers } from '../model/registers.ts';
import type { ContentId } from '../ports.ts';
import type { LocalSide } from './absorb.ts';
import type { Agreed } from './agreed.ts';
import type { Projection, Shown } from './project.ts';

/** Where an item is to lie. */
export interface Edit {
  readonly node: Node;
  readonly parent: string | null;
  readonly name: string;
  readonly binned: boolean;
}
/** A folder to be made, or a file of a content that is to be had. */
export interface Creation {
  readonly entry: EntryId;
  readonly type: 'file' | 'folder';
  /** Of the folder that it goes into: an item, or an entry that is made before it. */
  readonly parent: { readonly item: string | null } | { readonly entry: EntryId };
  readonly name: string;
  readonly content: ContentId | null;
  readonly size: number;
  readonly modified: number;
  readonly seen: Context;
  /** The item that it takes the place of, where that still lies as agreed. */
  readonly over: Agreed | null;
}
export interface Arrangement {
  /** All at once: names may go round in a circle. */
  readonly edits: readonly Edit[];
  /** Written with the edits. What an edit changes is put in by whoever does it. */
  readonly put: readonly Agreed[];
  readonly drop: readonly EntryId[];
  /** Folders before what they hold. */
  readonly creations: readonly Creation[];
  /** Files whose bytes are not here. */
  readonly wanted: readonly Shown[];
}

/**
 * What is to be done in this vault so that it shows the projection. Pure. Only what lies as it was agreed is touched: all that
 * the person did was absorbed before. What cannot be done now, because something new has its name, is left for the next time.
 *
 * @param isHere whether a content can be had @param isHeld entries that are left alone
 */
export function arrange(
  { tree, agreed }: LocalSide,
  registers: Pick<Registers, 'entries'>,
  projection: Projection,
  isHere: (content: ContentId) => boolean,
  isHeld: (entry: EntryId) => boolean,
  /** Something new lies there, and what it is will only be known when it was read. */
  isUnread: (node: Node) => boolean,
): Arrangement {
  const { shown } = projection;
  const put: Agreed[] = [];
  const drop: EntryId[] = [];
  const creations: Creation[] = [];
  const wanted: Shown[] = [];
  const edits = new Map<string, Edit>();
  const toBin = new Set<Node>();
  const madeNow = new Set<EntryId>();
  /** Known under another entry that is seen as this one. */
  const renamed = new Map<EntryId, Agreed>();
  const known = (entry: EntryId): Agreed | undefined => renamed.get(entry) ?? agreed.of(entry);

  for (const one of shown.values()) {
    if (agreed.of(one.entry)) continue;
    const twin = one.twins.map((entry) => agreed.of(entry)).find((a) => a && tree.get(a.item));
    if (!twin) continue;
    drop.push(twin.entry);
    put.push({ ...twin, entry: one.entry });
    renamed.set(one.entry, { ...twin, entry: one.entry });
  }
  const taken = new Set([...renamed.values()].map(({ item }) => item));

  // In the order of the tree: folders before what they hold.
  for (const one of inOrder(shown)) {
    const { entry, name, content } = one;
    if (isHeld(entry) || one.twins.some(isHeld)) continue;
    const here = known(entry);
    const node = here && tree.get(here.item);
    if (here && !node) continue;
    const above = one.parent === null ? null : known(one.parent);
    const parent = above === null ? { item: null } : above ? { item: above.item } : null;
    const isNews = content !== null && here?.content !== content.content;
    if (content && isNews && !isHere(content.content)) wanted.push(one);
    if (!here || !node) {
      const into = parent ?? (one.parent !== null && madeNow.has(one.parent) ? { entry: one.parent } : null);
      if (!into || (content && !isHere(content.content))) continue;
      const there = 'item' in into ? childrenOf(tree, into.item)?.get(name) : undefined;
      // Perhaps it is this file itself, or this folder.
      if (there && isUnread(there)) continue;
      madeNow.add(entry);
      const { size = 0, modified = 0 } = content ?? {};
      const seen = content ? contextOf(registers.entries.get(entry)?.contents ?? []) : [];
      creations.push({
        ...{
          entry,
          type: one.type,
          parent: into,
          name,
          content: content?.content ?? null,
          size,
          modified,
          seen,
          over: null,
        },
      });
      continue;
    }
    if (content && here.content === content.content) {
      const { contents = [] } = registers.entries.get(entry) ?? {};
      // The same bytes were written elsewhere too.
      if (contents.some((other) => !isIn(here.seen, other)) && !renamed.has(entry))
        put.push({ ...here, seen: contextOf(contents) });
    }
    if (content && isNews && isHere(content.content) && !tree.inBin(node)) {
      const { size, modified } = content;
      const seen = contextOf(registers.entries.get(entry)?.contents ?? []);
      const at = { parent: { item: node.parent }, name: node.name };
      creations.push({ ...{ entry, type: 'file', ...at, content: content.content, size, modified, seen, over: here } });
    }
    if (!parent) continue;
    const lies = node.parent === parent.item && node.name === name && node.binnedAt === null;
    if (!lies) edits.set(node.id, { node, parent: parent.item, name, binned: false });
  }

  const gone = new Set<EntryId>();
  for (const here of agreed.all()) {
    const { entry, item } = here;
    if (shown.has(entry) || taken.has(item) || isHeld(entry) || projection.unknown.has(entry)) continue;
    const node = tree.get(item);
    if (!node) continue;
    if (!projection.binned.has(entry)) gone.add(entry);
    else if (here.binned) continue;
    toBin.add(node);
  }
  makeFeasible(tree, edits, toBin);

  const finally_ = finalPlaces(tree, edits);
  const isBinned = (node: Node): boolean => {
    for (let at: Node | null = node; at !== null; at = finally_.parent(at)) if (finally_.binned(at)) return true;
    return false;
  };
  for (const here of agreed.all()) {
    const node = here.binned && shown.has(here.entry) && !isHeld(here.entry) ? tree.get(here.item) : null;
    // It comes back with its folder.
    if (node && !edits.has(node.id) && !isBinned(node)) put.push({ ...here, binned: false });
  }
  const kept = new Set<Node>();
  for (const node of toBin) if (node.kind === 'folder' && holdsMore(node, toBin, edits)) kept.add(node);
  for (const node of [...toBin].sort((a, b) => tree.path(a).length - tree.path(b).length)) {
    const here = agreed.ofItem(node.id);
    if (kept.has(node) || !here) continue;
    if (!isBinned(node)) {
      const { parent, name } = node;
      edits.set(node.id, { node, parent, name, binned: true });
    }
    if (gone.has(here.entry)) drop.push(here.entry);
    else put.push({ ...here, binned: true });
  }
  return { edits: [...edits.values()], put, drop, creations, wanted };
}

const keyOf = (folder: string | null, name: string): string => `${folder ?? ''}/${name}`;
const childrenOf = (tree: Tree, folder: string | null): ReadonlyMap<string, Node> | null =>
  folder === null ? tree.root : (tree.get(folder)?.children ?? null);

/** Folders before what they hold. */
function* inOrder(shown: ReadonlyMap<EntryId, Shown>): Generator<Shown> {
  const given = new Set<EntryId>();
  for (const start of shown.values()) {
    const way: Shown[] = [];
    for (let at: Shown | undefined = start; at && !given.has(at.entry); ) {
      given.add(at.entry);
      way.push(at);
      at = at.parent === null ? undefined : shown.get(at.parent);
    }
    yield* way.reverse();
  }
}

function finalPlaces(tree: Tree, edits: ReadonlyMap<string, Edit>) {
  return {
    parent(node: Node): Node | null {
      const parent = edits.has(node.id) ? (edits.get(node.id)?.parent ?? null) : node.parent;
      return parent === null ? null : tree.get(parent);
    },
    binned: (node: Node): boolean => edits.get(node.id)?.binned ?? node.binnedAt !== null,
  };
}

/**
 * Take out of the edits what would lie in the bin or in itself. Where something else stays at a name, it gets another one for now: so
 * nothing waits for what waits for it.
 */
function makeFeasible(tree: Tree, edits: Map<string, Edit>, toBin: ReadonlySet<Node>): void {
  const targets = new Set([...edits.values()].map(({ parent, name }) => keyOf(parent, name)));
  for (let left = true; left; ) {
    left = false;
    const finally_ = finalPlaces(tree, edits);
    for (const [id, edit] of edits) {
      const { node, parent, name } = edit;
      const siblings = childrenOf(tree, parent);
      const there = siblings?.get(name);
      const goes = there && (there.id === id || edits.has(there.id) || (toBin.has(there) && there.kind === 'file'));
      const isFree = !there || goes;
      if (isFree && isPossible(tree, edit, finally_)) continue;
      edits.delete(id);
      left = true;
      if (isFree || (parent === node.parent && !tree.inBin(node))) continue;
      const other = freeName(name, (one) => siblings?.has(one) === true || targets.has(keyOf(parent, one)));
      targets.add(keyOf(parent, other));
      edits.set(id, { ...edit, name: other });
    }
  }
}

function isPossible(tree: Tree, { node, parent }: Edit, finally_: ReturnType<typeof finalPlaces>): boolean {
  const seen = new Set<Node>();
  const into = parent === null ? null : tree.get(parent);
  if (parent !== null && into?.kind !== 'folder') return false;
  for (let at = into; at !== null; at = finally_.parent(at)) {
    if (at === node || seen.has(at) || finally_.binned(at)) return false;
    seen.add(at);
  }
  return true;
}

/** A folder of which something is to stay, where it is. */
function holdsMore(folder: Node, toBin: ReadonlySet<Node>, edits: ReadonlyMap<string, Edit>): boolean {
  const waiting = [folder];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    for (const child of at.children?.values() ?? []) {
      const edit = edits.get(child.id);
      if (edit && edit.parent !== at.id) continue;
      if (!toBin.has(child)) return true;
      if (child.kind === 'folder') waiting.push(child);
    }
  }
  // Something may be moved into it.
  return [...edits.values()].some(({ parent, binned }) => parent === folder.id && !binned);
}
