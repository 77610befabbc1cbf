import type { Database } from '#core/store/database.ts';
import type { EvmAddress } from '#shared/model/evm.ts';

/** Where a contact gets money. */
export interface AddressRow {
  readonly contact: string;
  readonly address: EvmAddress | null;
  readonly origin: 'you' | 'them' | null;
  readonly since: number | null;
  /** What they told since, and was not taken yet. */
  readonly offered: EvmAddress | null;
  readonly offeredAt: number | null;
  readonly toldAt: number | null;
}

export type AddressTable = ReturnType<typeof createAddressTable>;

export function createAddressTable({ db }: Pick<Database, 'db'>) {
  const all = db.prepare('SELECT * FROM addresses ORDER BY rowid');
  const one = db.prepare('SELECT * FROM addresses WHERE contact = ?');
  const put = db.prepare(`INSERT INTO addresses (contact, address, origin, since, offered, offered_at, told_at)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (contact) DO UPDATE SET address = excluded.address, origin = excluded.origin,
    since = excluded.since, offered = excluded.offered, offered_at = excluded.offered_at, told_at = excluded.told_at`);

  const read = (row: Record<string, unknown>): AddressRow => ({
    contact: row.contact as string,
    address: row.address as EvmAddress | null,
    origin: row.origin as AddressRow['origin'],
    since: row.since as number | null,
    offered: row.offered as EvmAddress | null,
    offeredAt: row.offered_at as number | null,
    toldAt: row.told_at as number | null,
  });

  return {
    all: (): AddressRow[] => all.all().map(read),
    /** Empty for one of whom nothing is known. */
    of(contact: string): AddressRow {
      const row = one.get(contact);
      const nothing = { address: null, origin: null, since: null, offered: null, offeredAt: null, toldAt: null };
      return row === undefined ? { contact, ...nothing } : read(row);
    },
    put({ contact, address, origin, since, offered, offeredAt, toldAt }: AddressRow): void {
      put.run(contact, address, origin, since, offered, offeredAt, toldAt);
    },
  };
}
