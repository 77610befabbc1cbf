import { utf8 } from '#core/crypto/bytes.ts';
import { toBase64url } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import {
  type ContentRecord,
  compareText,
  compareWrites,
  type EntryId,
  isIn,
  type PlaceRecord,
} from '../model/records.ts';
import type { Entry, Registers } from '../model/registers.ts';
import { nameFrom } from './names.ts';

/** A file or folder as it is to be seen on every device. */
export interface Shown {
  readonly entry: EntryId;
  readonly type: 'file' | 'folder';
  /** Null: at the top. Always one that is shown, and a folder. */
  readonly parent: EntryId | null;
  readonly name: string;
  /** Null for a folder. */
  readonly content: ContentRecord | null;
  /** Others that are seen as this one: folders of the same name, and files of the same name and bytes. */
  readonly twins: readonly EntryId[];
}
/** A content that lost against another which was written at the same time, and is to become a file of its own. */
export interface Conflict {
  /** Of the copy: the same on whichever device it is made. */
  readonly entry: EntryId;
  readonly parent: EntryId | null;
  readonly name: string;
  readonly content: ContentRecord;
}
export interface Projection {
  readonly shown: ReadonlyMap<EntryId, Shown>;
  /** In the bin. */
  readonly binned: ReadonlySet<EntryId>;
  /** Seen as another one, which this gives. */
  readonly twinOf: ReadonlyMap<EntryId, EntryId>;
  /** Something of it has not come yet: nothing can be said. */
  readonly unknown: ReadonlySet<EntryId>;
  readonly conflicts: readonly Conflict[];
}

const lostName = 'Recovered file';

/**
 * The tree that registers stand for. Pure: the same registers give the same tree, on every device and however they came.
 *
 * - a content that whoever deleted the file had not seen keeps the file, and the folders it lies in;
 * - of contents written at the same time the last keeps the file, and each other becomes a copy beside it;
 * - of folders that were moved into each other the one moved last goes to the top; so does what lies in a folder nobody knows;
 * - folders of one name in one folder are one, and so are files of one name and the same bytes; of others of one name those that came
 *   later are named after the device they came from.
 */
export function project({ entries, authors }: Pick<Registers, 'entries' | 'authors'>): Projection {
  const deviceOf = (author: string): string => authors.get(author)?.name ?? '';
  const binned = new Set<EntryId>();
  const unknown = new Set<EntryId>();
  const conflicts: Conflict[] = [];
  const contents = new Map<EntryId, ContentRecord>();
  /** Also a folder that is deleted, as long as it holds something that is not. */
  const seen = new Set<EntryId>();
  const parents = findParents(entries);

  for (const [id, entry] of entries) {
    const state = entry.state?.state ?? 'here';
    if (typeOf(entry) === 'folder') {
      if (state === 'here') seen.add(id);
      else if (state === 'binned') binned.add(id);
      continue;
    }
    const standing = standingContents(entry);
    if (standing.length === 0) {
      if (entry.contents.length === 0) unknown.add(id);
      else if (state === 'binned') binned.add(id);
      continue;
    }
    const { winner, losers } = settle(id, standing, (copy) => entries.has(copy));
    contents.set(id, winner);
    seen.add(id);
    for (const [copy, content] of losers) {
      const name = nameFrom(entry.place?.name ?? lostName, deviceOf(content.author), () => false);
      conflicts.push({ entry: copy, parent: entry.place?.parent ?? null, name, content });
    }
  }
  for (const id of [...seen]) {
    for (let at = parents.get(id) ?? null; at !== null && !seen.has(at); at = parents.get(at) ?? null) {
      seen.add(at);
      binned.delete(at);
    }
  }

  const shown = new Map<EntryId, Shown>();
  const twinOf = new Map<EntryId, EntryId>();
  const byParent = new Map<EntryId | null, EntryId[]>();
  for (const id of seen) {
    const parent = parents.get(id) ?? null;
    const there = byParent.get(parent);
    if (there) there.push(id);
    else byParent.set(parent, [id]);
  }
  const waiting: { readonly parent: EntryId | null; readonly children: EntryId[] }[] = [
    { parent: null, children: byParent.get(null) ?? [] },
  ];
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    const { parent } = folder;
    for (const { ids, type, name } of nameAll(folder.children, entries, contents, deviceOf)) {
      const [entry, ...twins] = ids;
      shown.set(entry, { entry, type, parent, name, content: contents.get(entry) ?? null, twins });
      for (const twin of twins) twinOf.set(twin, entry);
      if (type === 'folder') waiting.push({ parent: entry, children: ids.flatMap((id) => byParent.get(id) ?? []) });
    }
  }
  return { shown, binned, twinOf, unknown, conflicts };
}

const typeOf = (entry: Entry): 'file' | 'folder' => entry.place?.type ?? 'file';

/** Contents that nobody deleted in knowledge of them. */
function standingContents({ contents, state }: Entry): readonly ContentRecord[] {
  if (!state || state.state === 'here') return contents;
  return contents.filter((content) => !isIn(state.seen, content));
}

/** The id of the copy that a content of an entry becomes when another keeps the entry. */
export function copyOf(entry: EntryId, { author, seq }: Pick<ContentRecord, 'author' | 'seq'>): EntryId {
  return toBase64url(sha256(utf8(`hypha devices conflict ${entry} ${author} ${seq}`)).subarray(0, 16));
}

/**
 * Which content keeps the entry, and which are to become copies. Those that are copies already are left out: the last one
 * never is, for only what lost against a later one becomes a copy.
 */
function settle(
  id: EntryId,
  contents: readonly ContentRecord[],
  isThere: (copy: EntryId) => boolean,
): { winner: ContentRecord; losers: (readonly [EntryId, ContentRecord])[] } {
  const [winner, ...others] = contents as readonly [ContentRecord, ...ContentRecord[]];
  const losers: (readonly [EntryId, ContentRecord])[] = [];
  const told = new Set([winner.content]);
  for (const one of others) {
    if (told.has(one.content)) continue;
    told.add(one.content);
    const copy = copyOf(id, one);
    if (!isThere(copy)) losers.push([copy, one]);
  }
  return { winner, losers };
}

/** Where entries lie: in a folder that is known, and in no circle. */
function findParents(entries: ReadonlyMap<EntryId, Entry>): Map<EntryId, EntryId | null> {
  const parents = new Map<EntryId, EntryId | null>();
  for (const [id, { place }] of entries) {
    const parent = place?.parent ?? null;
    const above = parent === null ? undefined : entries.get(parent);
    parents.set(id, above && typeOf(above) === 'folder' ? parent : null);
  }
  const clear = new Set<EntryId>();
  for (const start of entries.keys()) {
    const way: EntryId[] = [];
    const on = new Set<EntryId>();
    let at: EntryId | null = start;
    while (at !== null && !clear.has(at) && !on.has(at)) {
      way.push(at);
      on.add(at);
      at = parents.get(at) ?? null;
    }
    if (at !== null && on.has(at)) {
      const circle = way.slice(way.indexOf(at));
      const placeOf = (id: EntryId): PlaceRecord => entries.get(id)?.place as PlaceRecord;
      const last = circle.reduce((a, b) => (compareWrites(placeOf(a), placeOf(b)) > 0 ? a : b));
      parents.set(last, null);
    }
    for (const id of way) clear.add(id);
  }
  return parents;
}

interface Named {
  /** The first is the one that is shown. */
  readonly ids: readonly [EntryId, ...EntryId[]];
  readonly type: 'file' | 'folder';
  readonly name: string;
}

/** Names for all that lies in one folder, no two alike. */
function nameAll(
  children: readonly EntryId[],
  entries: ReadonlyMap<EntryId, Entry>,
  contents: ReadonlyMap<EntryId, ContentRecord>,
  deviceOf: (author: string) => string,
): Named[] {
  const groups = new Map<string, { ids: [EntryId, ...EntryId[]]; type: 'file' | 'folder'; name: string }>();
  for (const id of children) {
    const entry = entries.get(id) as Entry;
    const type = typeOf(entry);
    const name = entry.place?.name ?? lostName;
    const key = `${contents.get(id)?.content ?? 'folder'} ${name}`;
    const group = groups.get(key);
    if (group) group.ids.push(id);
    else groups.set(key, { ids: [id], type, name });
  }
  const byName = new Map<string, Named[]>();
  for (const group of groups.values()) {
    group.ids.sort(compareText);
    const there = byName.get(group.name);
    if (there) there.push(group);
    else byName.set(group.name, [group]);
  }
  const out: Named[] = [];
  const later: Named[] = [];
  const placeOf = ({ ids }: Named): PlaceRecord | null => entries.get(ids[0])?.place ?? null;
  for (const claims of byName.values()) {
    if (claims.length > 1) claims.sort((a, b) => byFirst(a, b, placeOf));
    const [first, ...rest] = claims as [Named, ...Named[]];
    out.push(first);
    later.push(...rest);
  }
  const taken = new Set(byName.keys());
  for (const one of later.sort((a, b) => compareText(a.ids[0], b.ids[0]))) {
    const name = nameFrom(one.name, deviceOf(placeOf(one)?.author ?? ''), (other) => taken.has(other));
    taken.add(name);
    out.push({ ...one, name });
  }
  return out;
}

/** A folder keeps its name before a file, and who had it first before who came later. */
function byFirst(a: Named, b: Named, placeOf: (one: Named) => PlaceRecord | null): number {
  if (a.type !== b.type) return a.type === 'folder' ? -1 : 1;
  const [first, second] = [placeOf(a), placeOf(b)];
  if (first && second) return compareWrites(first, second);
  return first ? -1 : second ? 1 : compareText(a.ids[0], b.ids[0]);
}
