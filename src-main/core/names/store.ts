import type { Database } from '#core/store/database.ts';
import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';

export const namesMigration = `
  CREATE TABLE registration (
    id TEXT PRIMARY KEY,
    chain TEXT NOT NULL,
    registry TEXT NOT NULL,
    label TEXT NOT NULL,
    owner TEXT NOT NULL,
    term INTEGER NOT NULL,
    secret TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ready_at INTEGER,
    trouble TEXT,
    tx TEXT
  ) STRICT;
  CREATE TABLE name (
    chain TEXT NOT NULL,
    registry TEXT NOT NULL,
    label TEXT NOT NULL,
    owner TEXT,
    expires INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    record TEXT,
    deposit TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    signed BLOB,
    PRIMARY KEY (chain, registry, label)
  ) STRICT;
  CREATE TABLE scanned (
    chain TEXT NOT NULL,
    registry TEXT NOT NULL,
    account TEXT NOT NULL,
    next TEXT NOT NULL,
    PRIMARY KEY (chain, registry, account)
  ) STRICT;
`;

export type RegistrationState = 'committing' | 'waiting' | 'registering' | 'done' | 'failed';

export interface RegistrationRow {
  readonly id: string;
  readonly chain: ChainRef;
  readonly registry: EvmAddress;
  readonly label: string;
  readonly owner: EvmAddress;
  /** Seconds. */
  readonly term: number;
  /** What keeps the commitment from being guessed. */
  readonly secret: Hash32;
  readonly state: RegistrationState;
  readonly started_at: number;
  /** Milliseconds since 1970, by the ledger's clock. */
  readonly ready_at: number | null;
  readonly trouble: string | null;
  readonly tx: Hash32 | null;
}

/** What a ledger said of a name when it was asked last; times in seconds by its clock, but `seen_at`, which is ours in milliseconds. */
export interface NameRow {
  readonly chain: ChainRef;
  readonly registry: EvmAddress;
  readonly label: string;
  readonly owner: EvmAddress | null;
  readonly expires: number;
  readonly sequence: number;
  readonly record: Hash32 | null;
  readonly deposit: string;
  readonly seen_at: number;
  /** The signed record whose hash that is, when it was found; see record.ts. */
  readonly signed: Uint8Array | null;
}

/** Names of others that are remembered, for when their ledger does not answer. */
const mostNames = 10_000;
/** Registrations that ended, kept on the list. */
const keepEnded = 20;

export type NamesStore = ReturnType<typeof createNamesStore>;

/** Durable when these return. */
export function createNamesStore({ db, transaction }: Database) {
  const put = db.prepare(
    `INSERT INTO registration VALUES (:id, :chain, :registry, :label, :owner, :term, :secret, :state, :started_at, :ready_at, :trouble, :tx)
     ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, state = excluded.state, ready_at = excluded.ready_at,
       trouble = excluded.trouble, tx = excluded.tx`,
  );
  const all = db.prepare('SELECT * FROM registration ORDER BY started_at, rowid');
  const one = db.prepare('SELECT * FROM registration WHERE id = ?');
  const drop = db.prepare('DELETE FROM registration WHERE id = ?');
  const prune = db.prepare(
    `DELETE FROM registration WHERE state IN ('done', 'failed') AND id NOT IN (
       SELECT id FROM registration WHERE state IN ('done', 'failed') ORDER BY started_at DESC, rowid DESC LIMIT ${keepEnded})`,
  );
  const putName = db.prepare(
    `INSERT INTO name VALUES (:chain, :registry, :label, :owner, :expires, :sequence, :record, :deposit, :seen_at, :signed)
     ON CONFLICT DO UPDATE SET owner = excluded.owner, expires = excluded.expires, sequence = excluded.sequence,
       record = excluded.record, deposit = excluded.deposit, seen_at = excluded.seen_at, signed = excluded.signed`,
  );
  const oneName = db.prepare('SELECT * FROM name WHERE chain = ? AND registry = ? AND label = ?');
  const allNames = db.prepare('SELECT * FROM name ORDER BY label');
  const pruneNames = db.prepare(
    `DELETE FROM name WHERE rowid IN (SELECT rowid FROM name ORDER BY seen_at DESC LIMIT -1 OFFSET ${mostNames})`,
  );
  const next = db.prepare('SELECT next FROM scanned WHERE chain = ? AND registry = ? AND account = ?');
  const putNext = db.prepare('INSERT INTO scanned VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next');

  return {
    registrations: () => all.all() as unknown as RegistrationRow[],
    registration: (id: string) => (one.get(id) as unknown as RegistrationRow | undefined) ?? null,
    save(row: RegistrationRow): void {
      transaction(() => {
        put.run({ ...row });
        prune.run();
      });
    },
    drop: (id: string): void => void drop.run(id),
    name: (chain: ChainRef, registry: EvmAddress, label: string) =>
      (oneName.get(chain, registry, label) as unknown as NameRow | undefined) ?? null,
    names: () => allNames.all() as unknown as NameRow[],
    saveName(row: NameRow): void {
      transaction(() => {
        putName.run({ ...row });
        pruneNames.run();
      });
    },
    /** The first block that was not looked at for names that came to an account. */
    nextBlock: (chain: ChainRef, registry: EvmAddress, account: EvmAddress): bigint =>
      BigInt((next.get(chain, registry, account) as { next: string } | undefined)?.next ?? 0),
    saveNext: (chain: ChainRef, registry: EvmAddress, account: EvmAddress, block: bigint): void =>
      void putNext.run(chain, registry, account, String(block)),
  };
}
