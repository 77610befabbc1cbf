import type { Session } from '../core.ts';
import { openRow, sealRow } from '../format/row.ts';
import type { Agreed } from './plan/trees.ts';
import { decodeAgreed, decodeWatched, encodeAgreed, encodeWatched, type WatchedRecord } from './record.ts';

export type Random = (n: number) => Uint8Array;

/** Watched folders by id. One that cannot be opened is left where it is. */
export function watchedIn({ catalogue, keys }: Session): Map<string, WatchedRecord> {
  const out = new Map<string, WatchedRecord>();
  for (const { id, sealed } of catalogue.all<{ id: string; sealed: Uint8Array }>('SELECT id, sealed FROM watched')) {
    const plain = openRow(keys, 'watched', id, sealed);
    const record = plain && decodeWatched(plain);
    if (record) out.set(id, record);
  }
  return out;
}

export function saveWatched({ catalogue, keys }: Session, random: Random, id: string, record: WatchedRecord): void {
  const sealed = sealRow(keys, random, 'watched', id, encodeWatched(record));
  // Not REPLACE: that deletes the row first, and with it all that was agreed on.
  const text = 'INSERT INTO watched VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed';
  catalogue.transaction(() => catalogue.run(text, id, sealed));
}

/** What was agreed on goes with it. */
export function dropWatched({ catalogue }: Session, id: string): void {
  catalogue.transaction(() => catalogue.run('DELETE FROM watched WHERE id = ?', id));
}

/**
 * What was agreed on, by path, and its changes. A change is in memory at once and durable after {@link flush}: it is written after
 * what it tells of, never before. What of it is lost, or cannot be opened, is compared byte by byte again and nothing else.
 */
export function openAgreed({ catalogue, keys }: Session, random: Random, watched: string) {
  const tree = new Map<string, Agreed>();
  /** Rows are kept by the id of the vault's item, so that a rename rewrites one. */
  const paths = new Map<string, string>();
  const dirty = new Set<string>();
  const rowId = (item: string): string => `${watched} ${item}`;
  const rows = catalogue.all<{ item: string; sealed: Uint8Array }>(
    'SELECT item, sealed FROM watched_agreed WHERE watched = ?',
    watched,
  );
  for (const { item, sealed } of rows) {
    const plain = openRow(keys, 'watched', rowId(item), sealed);
    const record = plain && decodeAgreed(plain);
    if (!record) continue;
    tree.set(record.path, { kind: record.kind, id: item, print: record.print, mark: record.mark });
    paths.set(item, record.path);
  }

  const remove = (path: string): void => {
    const before = tree.get(path);
    if (!before) return;
    tree.delete(path);
    if (paths.get(before.id) === path) paths.delete(before.id);
    dirty.add(before.id);
  };
  const set = (path: string, agreed: Agreed): void => {
    remove(path);
    // One item lies at one path.
    const elsewhere = paths.get(agreed.id);
    if (elsewhere !== undefined) remove(elsewhere);
    tree.set(path, agreed);
    paths.set(agreed.id, path);
    dirty.add(agreed.id);
  };
  return {
    tree: tree as ReadonlyMap<string, Agreed>,
    set,
    remove,
    removeWithin(top: string): void {
      for (const path of [...tree.keys()]) if (path === top || path.startsWith(`${top}/`)) remove(path);
    },
    moveWithin(from: string, to: string): void {
      this.removeWithin(to);
      for (const [path, agreed] of [...tree]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        set(to + path.slice(from.length), agreed);
      }
    },
    clear(): void {
      for (const path of [...tree.keys()]) remove(path);
    },
    /** Durable when it returns. @throws the database's error, when the disk is full */
    flush(): void {
      if (dirty.size === 0) return;
      catalogue.transaction(() => {
        for (const item of dirty) {
          const path = paths.get(item);
          const agreed = path === undefined ? undefined : tree.get(path);
          if (path === undefined || !agreed) {
            catalogue.run('DELETE FROM watched_agreed WHERE watched = ? AND item = ?', watched, item);
            continue;
          }
          const { kind, print, mark } = agreed;
          const sealed = sealRow(keys, random, 'watched', rowId(item), encodeAgreed({ path, kind, print, mark }));
          catalogue.run('INSERT OR REPLACE INTO watched_agreed VALUES (?, ?, ?)', watched, item, sealed);
        }
      });
      dirty.clear();
    },
  };
}
export type AgreedStore = ReturnType<typeof openAgreed>;
