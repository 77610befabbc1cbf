import { z } from 'zod';
import type { Logger } from '#core/host.ts';
import { openDatabase } from '#core/store/database.ts';
import type { ContactId } from '#shared/model/ids.ts';
import { contactIdSchema } from '#shared/model/ids.ts';

const migration = `
  CREATE TABLE contact (id TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
  CREATE TABLE plain (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
`;

/** Where contacts lie: `contacts.db` in the identity's directory. Every change is durable when its call returns. */
export interface Shelf {
  readonly notice: { readonly code: string; readonly text: string } | null;
  rows(): { readonly id: ContactId; readonly sealed: Uint8Array }[];
  /** Not sealed: see peers-table.ts and my-card.ts. */
  plain(name: 'peers' | 'my-card'): Uint8Array | null;
  /** All of it or none. */
  write(change: {
    readonly put?: readonly { readonly id: ContactId; readonly sealed: Uint8Array }[];
    readonly drop?: readonly ContactId[];
    readonly plain?: Readonly<Record<string, Uint8Array>>;
  }): void;
  keepCopy(): Promise<void>;
  close(): void;
}

const rowSchema = z.object({ id: contactIdSchema, sealed: z.instanceof(Uint8Array) });

export function openShelf(path: string, log: Logger): Shelf {
  const store = openDatabase({ path, migrations: [migration], log });
  const { db } = store;
  const all = db.prepare('SELECT id, sealed FROM contact ORDER BY id');
  const one = db.prepare('SELECT value FROM plain WHERE name = ?');
  const put = db.prepare(
    'INSERT INTO contact (id, sealed) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed',
  );
  const drop = db.prepare('DELETE FROM contact WHERE id = ?');
  const putPlain = db.prepare(
    'INSERT INTO plain (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    notice: store.notice,
    rows: () =>
      all.all().flatMap((row) => {
        const parsed = rowSchema.safeParse(row);
        return parsed.success ? [parsed.data] : [];
      }),
    plain(name) {
      const value = one.get(name)?.value;
      return value instanceof Uint8Array ? value : null;
    },
    write(change) {
      store.transaction(() => {
        for (const { id, sealed } of change.put ?? []) put.run(id, sealed);
        for (const id of change.drop ?? []) drop.run(id);
        for (const [name, value] of Object.entries(change.plain ?? {})) putPlain.run(name, value);
      });
    },
    keepCopy: store.keepCopy,
    close: store.close,
  };
}
