import {
  type Author,
  type AuthorRecord,
  type ContentRecord,
  compareWrites,
  type DeviceRecord,
  type EntryId,
  isIn,
  type PlaceRecord,
  type StateRecord,
} from './records.ts';

/** All that is known of one file or folder. */
export interface Entry {
  place: PlaceRecord | null;
  /** Written without knowledge of each other, the last first. */
  contents: readonly ContentRecord[];
  state: StateRecord | null;
}

export type Registers = ReturnType<typeof createRegisters>;

/**
 * What is left of all writes: a join semilattice (Shapiro, Preguiça, Baquero and Zawirski, "Conflict-free Replicated Data Types", 2011).
 * The same writes, in any order and any number of times, leave the same.
 */
export function createRegisters() {
  const entries = new Map<EntryId, Entry>();
  const authors = new Map<Author, AuthorRecord>();
  /** Grows with every change. */
  let version = 0;

  const entryOf = (id: EntryId): Entry => {
    const there = entries.get(id);
    if (there) return there;
    const made: Entry = { place: null, contents: [], state: null };
    entries.set(id, made);
    return made;
  };
  const isSame = (a: DeviceRecord, b: DeviceRecord): boolean => a.author === b.author && a.seq === b.seq;

  /** The one that counts goes to `put`. */
  const last = <R extends DeviceRecord>(there: R | null, record: R, put: (record: R) => void): Applied => {
    if (there && compareWrites(there, record) >= 0) return known;
    put(record);
    return { kept: true, superseded: there ? [there] : [] };
  };

  const content = (entry: Entry, record: ContentRecord): Applied => {
    if (entry.contents.some((one) => isSame(one, record) || isIn(one.past, record))) return known;
    const superseded = entry.contents.filter((one) => isIn(record.past, one));
    const left = entry.contents.filter((one) => !superseded.includes(one));
    entry.contents = [...left, record].sort((a, b) => compareWrites(b, a));
    return { kept: true, superseded };
  };

  const apply = (record: DeviceRecord): Applied => {
    if (record.kind === 'author') {
      return last(authors.get(record.author) ?? null, record, (one) => void authors.set(record.author, one));
    }
    const entry = entryOf(record.entry);
    if (record.kind === 'content') return content(entry, record);
    if (record.kind === 'place') {
      return last(entry.place, record, (one) => {
        entry.place = one;
      });
    }
    return last(entry.state, record, (one) => {
      entry.state = one;
    });
  };

  return {
    entries: entries as ReadonlyMap<EntryId, Entry>,
    authors: authors as ReadonlyMap<Author, AuthorRecord>,
    version: () => version,
    /** @returns whether it counts, and which ones do not any more */
    apply(record: DeviceRecord): Applied {
      const applied = apply(record);
      if (applied.kept) version++;
      return applied;
    },
    clear(): void {
      entries.clear();
      authors.clear();
      version++;
    },
    /** Forget an entry altogether. @returns what was known of it */
    drop(id: EntryId): DeviceRecord[] {
      const all = recordsOf(entries.get(id));
      entries.delete(id);
      if (all.length > 0) version++;
      return all;
    },
  };
}

export interface Applied {
  readonly kept: boolean;
  readonly superseded: readonly DeviceRecord[];
}
const known: Applied = { kept: false, superseded: [] };

export function recordsOf(entry: Entry | undefined): (PlaceRecord | ContentRecord | StateRecord)[] {
  if (!entry) return [];
  const { place, contents, state } = entry;
  return [...(place ? [place] : []), ...contents, ...(state ? [state] : [])];
}
