import { join } from 'node:path';
import { decode, encode } from '@msgpack/msgpack';
import { z } from 'zod';
import type { Logger } from '#core/host.ts';
import { type Database, openDatabase } from '#core/store/database.ts';
import type { Session } from '../core.ts';
import { openRow, sealRow } from '../format/row.ts';

/** A property that a client made: its namespace, its name, and the element as XML that stands by itself. */
export interface DeadProperty {
  readonly ns: string;
  readonly name: string;
  readonly xml: string;
}

const version = 1;
const most = 128;
const mostBytes = 64 * 1024;
const text = z.string().max(mostBytes);
const rowSchema = z.tuple([z.literal(version), z.array(z.tuple([text, text, text])).max(most)]);

export function encodeProperties(list: readonly DeadProperty[]): Uint8Array {
  return encode([version, list.map(({ ns, name, xml }) => [ns, name, xml])]);
}

/** @returns null for anything that {@link encodeProperties} does not write */
export function decodeProperties(bytes: Uint8Array): DeadProperty[] | null {
  let value: unknown;
  try {
    value = decode(bytes);
  } catch {
    return null;
  }
  const parsed = rowSchema.safeParse(value);
  return parsed.success ? parsed.data[1].map(([ns, name, xml]) => ({ ns, name, xml })) : null;
}

export const fitsProperties = (list: readonly DeadProperty[]): boolean =>
  list.length <= most && encodeProperties(list).length <= mostBytes;

export interface DeadProperties {
  of(item: string): readonly DeadProperty[];
  /** Durable when it returns. */
  put(item: string, list: readonly DeadProperty[]): void;
  /** What `from` has, `to` has as well. */
  copy(pairs: readonly { readonly from: string; readonly to: string }[]): void;
  close(): void;
}

/** The root has no id in the tree. */
export const rootItem = 'root';

/**
 * Properties that clients of the disk keep with files and folders (dates of Windows, marks of desktops), by the item's id:
 * `vault/webdav.db` of this computer, each item's sealed as a row of the catalogue is.
 */
export function openDeadProperties(
  home: string,
  session: Session,
  random: (n: number) => Uint8Array,
  log: Logger,
): DeadProperties {
  const database: Database = openDatabase({
    path: join(home, 'vault', 'webdav.db'),
    migrations: ['CREATE TABLE properties (item TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;'],
    log,
  });
  const { db } = database;
  const has = new Set((db.prepare('SELECT item FROM properties').all() as { item: string }[]).map(({ item }) => item));
  const get = db.prepare('SELECT sealed FROM properties WHERE item = ?');
  const set = db.prepare('INSERT OR REPLACE INTO properties VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM properties WHERE item = ?');

  const write = (item: string, list: readonly DeadProperty[]): void => {
    if (list.length === 0) {
      remove.run(item);
      has.delete(item);
      return;
    }
    set.run(item, sealRow(session.keys, random, 'webdav', item, encodeProperties(list)));
    has.add(item);
  };
  const of = (item: string): readonly DeadProperty[] => {
    if (!has.has(item)) return [];
    const row = get.get(item) as { sealed: Uint8Array } | undefined;
    const plain = row && openRow(session.keys, 'webdav', item, row.sealed);
    return (plain && decodeProperties(plain)) ?? [];
  };

  // What was purged meanwhile takes its properties along.
  const gone = [...has].filter((item) => item !== rootItem && session.tree.get(item) === null);
  if (gone.length > 0) database.transaction(() => gone.forEach((item) => void write(item, [])));

  return {
    of,
    put: (item, list) => database.transaction(() => write(item, list)),
    copy(pairs) {
      const wanted = pairs.filter(({ from }) => has.has(from));
      if (wanted.length > 0) database.transaction(() => wanted.forEach(({ from, to }) => void write(to, of(from))));
    },
    close: () => database.close(),
  };
}
