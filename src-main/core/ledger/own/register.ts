import type { Database } from '#core/store/database.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';

export const ownMigration = `
  CREATE TABLE own (one INTEGER PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
  CREATE TABLE own_seen (
    one INTEGER PRIMARY KEY CHECK (one = 1), incarnation INTEGER NOT NULL, number INTEGER NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE own_act (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, state TEXT NOT NULL, record TEXT NOT NULL UNIQUE, body TEXT NOT NULL
  ) STRICT;
`;

export const ownBackupMigration = `
  CREATE TABLE own_backup (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL, number INTEGER NOT NULL) STRICT;
`;

/** The person's own ledger, as they wanted it and as it became. */
export interface OwnRecord {
  /** Of its credits. */
  readonly name: string;
  readonly symbol: string;
  readonly operator: EvmAddress;
  readonly openedAt: number;
  /** Null until the first block is made. */
  readonly chain: { readonly id: string; readonly genesis: Hash32 } | null;
  /** Null until all are put. */
  readonly contracts: Readonly<Record<'deals' | 'nodes' | 'names' | 'attestations' | 'credits', EvmAddress>> | null;
}

/** A block that this ledger had, whatever its database says. */
export interface Seen {
  readonly incarnation: number;
  readonly number: number;
  /** 64 hex digits. */
  readonly hash: string;
}

/** When the ledger was kept elsewhere last, and how far it was then. */
export interface KeptBackup {
  readonly at: number;
  readonly number: number;
}

/** Durable when these return. */
export function createRegister({ db, transaction, transactionSoon }: Database) {
  const get = db.prepare('SELECT body FROM own');
  const put = db.prepare('INSERT INTO own VALUES (1, ?) ON CONFLICT DO UPDATE SET body = excluded.body');
  const seen = db.prepare('SELECT incarnation, number, hash FROM own_seen');
  const putSeen = db.prepare(
    'INSERT INTO own_seen VALUES (1, ?, ?, ?) ON CONFLICT DO UPDATE SET incarnation = excluded.incarnation, number = excluded.number, hash = excluded.hash',
  );
  const backup = db.prepare('SELECT at, number FROM own_backup');
  const putBackup = db.prepare(
    'INSERT INTO own_backup VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, number = excluded.number',
  );
  const see = ({ incarnation, number, hash }: Seen) => void putSeen.run(incarnation, number, hash);
  return {
    get(): OwnRecord | null {
      const row = get.get() as { body: string } | undefined;
      return row === undefined ? null : (JSON.parse(row.body) as OwnRecord);
    },
    set: (record: OwnRecord) => transaction(() => void put.run(JSON.stringify(record))),
    seen: () => (seen.get() as Seen | undefined) ?? null,
    /** Before what is signed about it is shown to anybody. */
    see: (one: Seen) => transaction(() => see(one)),
    backup: () => (backup.get() as KeptBackup | undefined) ?? null,
    setBackup: ({ at, number }: KeptBackup) => transaction(() => void putBackup.run(at, number)),
    /** Without a wait: a power cut may take it back. */
    seeSoon: (one: Seen) => transactionSoon(() => see(one)),
  };
}

export type Register = ReturnType<typeof createRegister>;
