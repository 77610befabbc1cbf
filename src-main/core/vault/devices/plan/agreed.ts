import type { Context, EntryId } from '../model/records.ts';
import type { ContentId } from '../ports.ts';

/**
 * What an entry and an item of this vault last had in common: where the item lay, whether it was in the bin, and which bytes it has.
 * What differs from it in the vault was done by the person here; what differs in the registers was done elsewhere.
 */
export interface Agreed {
  readonly entry: EntryId;
  readonly item: string;
  /** The item's folder; null for the top. */
  readonly parent: string | null;
  readonly name: string;
  readonly binned: boolean;
  /** Null for a folder. */
  readonly content: ContentId | null;
  /** Writes of the contents that the item stands for: what the person here has seen. */
  readonly seen: Context;
}

export type AgreedTree = ReturnType<typeof createAgreed>;

/** Agreements by entry and by item: one item stands for one entry. */
export function createAgreed(rows: Iterable<Agreed> = []) {
  const byEntry = new Map<EntryId, Agreed>();
  const byItem = new Map<string, Agreed>();
  const remove = (entry: EntryId): void => {
    const before = byEntry.get(entry);
    if (!before) return;
    byEntry.delete(entry);
    if (byItem.get(before.item) === before) byItem.delete(before.item);
  };
  const put = (agreed: Agreed): void => {
    remove(agreed.entry);
    const other = byItem.get(agreed.item);
    if (other) remove(other.entry);
    byEntry.set(agreed.entry, agreed);
    byItem.set(agreed.item, agreed);
  };
  for (const row of rows) put(row);
  return {
    of: (entry: EntryId): Agreed | undefined => byEntry.get(entry),
    ofItem: (item: string): Agreed | undefined => byItem.get(item),
    all: (): IterableIterator<Agreed> => byEntry.values(),
    get size() {
      return byEntry.size;
    },
    put,
    remove,
  };
}
