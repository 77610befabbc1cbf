import type { Database } from '#core/store/database.ts';
import type { EvmAddress } from '#shared/model/evm.ts';

export type AccountKind = 'phrase' | 'imported' | 'watched';

export interface AccountRow {
  /** With the checksum of EIP-55. */
  readonly address: EvmAddress;
  readonly kind: AccountKind;
  /** Index of BIP-44; null for those that do not come from the phrase. */
  readonly position: number | null;
  /** An imported key, sealed. */
  readonly sealed: Uint8Array | null;
  readonly name: string;
  /** Used where no other is named. */
  readonly main: boolean;
  readonly addedAt: number;
  readonly removedAt: number | null;
}

export type AccountTable = ReturnType<typeof createAccountTable>;

export function createAccountTable({ db }: Pick<Database, 'db'>) {
  const order = `CASE kind WHEN 'phrase' THEN 0 WHEN 'imported' THEN 1 ELSE 2 END, position, added_at`;
  const all = db.prepare(`SELECT * FROM accounts ORDER BY ${order}`);
  const put = db.prepare(`INSERT INTO accounts (address, kind, position, sealed, name, main, added_at, removed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET kind = excluded.kind, position = excluded.position,
    sealed = excluded.sealed, name = excluded.name, main = excluded.main, removed_at = excluded.removed_at`);
  const noMain = db.prepare('UPDATE accounts SET main = 0');

  const read = (row: Record<string, unknown>): AccountRow => ({
    address: row.address as EvmAddress,
    kind: row.kind as AccountKind,
    position: row.position as number | null,
    sealed: row.sealed as Uint8Array | null,
    name: row.name as string,
    main: row.main === 1,
    addedAt: row.added_at as number,
    removedAt: row.removed_at as number | null,
  });

  return {
    /** Removed ones too; of the phrase first. */
    all: (): AccountRow[] => all.all().map(read),
    put(row: AccountRow): void {
      const { address, kind, position, sealed, name, main, addedAt, removedAt } = row;
      if (main) noMain.run();
      put.run(address, kind, position, sealed, name, main ? 1 : 0, addedAt, removedAt);
    },
  };
}
