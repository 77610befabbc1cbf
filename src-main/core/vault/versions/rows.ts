import type { Catalogue } from '../store/catalogue.ts';

/** A row as a snapshot sees it. */
export interface SeenRow {
  readonly id: string;
  readonly sealed: Uint8Array;
}

const page = 1_000;

/**
 * The rows that snapshot `number` sees, by id, a page at a time: what is changed meanwhile is kept for it, so that it sees the
 * same whenever it looks. Between pages others get their turn.
 */
export async function* rowsOf(catalogue: Catalogue, number: number, signal: AbortSignal): AsyncGenerator<SeenRow[]> {
  for (let after = ''; ; ) {
    signal.throwIfAborted();
    const now = catalogue.all<SeenRow>(
      'SELECT id, sealed FROM items WHERE id > ? AND born <= ? ORDER BY id LIMIT ?',
      after,
      number,
      page,
    );
    const past = catalogue.all<SeenRow>(
      'SELECT item AS id, sealed FROM past_items WHERE item > ? AND born <= ? AND died > ? ORDER BY item LIMIT ?',
      after,
      number,
      number,
      page,
    );
    // Up to where both are known.
    const ends = [now, past].flatMap((rows) => (rows.length < page ? [] : [rows.at(-1)?.id ?? '']));
    const end = ends.sort()[0];
    const rows = [...now, ...past].filter(({ id }) => end === undefined || id <= end);
    rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    if (rows.length > 0) yield rows;
    if (end === undefined) return;
    after = end;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Manifests of all items from one id to another, also of those that are in snapshots only. */
export function manifestsBetween(catalogue: Catalogue, from: string, to: string): ReadonlyMap<string, Uint8Array> {
  const between = (table: string) =>
    catalogue.all<{ item: string; sealed: Uint8Array }>(
      `SELECT item, sealed FROM ${table} WHERE item BETWEEN ? AND ?`,
      from,
      to,
    );
  // One that is there now counts before one that was kept.
  const all = [...between('past_manifests'), ...between('manifests')];
  return new Map(all.map(({ item, sealed }) => [item, sealed]));
}

/** The manifest of an item, also of one that is in snapshots only. */
export const manifestAtAll = (catalogue: Catalogue, item: string): Uint8Array | null =>
  catalogue.manifest(item) ?? catalogue.pastManifest(item);
