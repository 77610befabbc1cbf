import type { Database } from '#core/store/database.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';

export interface TokenRow {
  readonly chain: ChainRef;
  readonly address: EvmAddress;
  readonly symbol: string;
  readonly name: string;
  readonly decimals: number;
  readonly kind: 'credits' | 'preset' | 'added';
  readonly checkedAt: number;
  /** Taken off the list. */
  readonly hidden: boolean;
}

export type TokenTable = ReturnType<typeof createTokenTable>;

export function createTokenTable({ db }: Pick<Database, 'db'>) {
  const all = db.prepare('SELECT * FROM tokens ORDER BY rowid');
  const one = db.prepare('SELECT * FROM tokens WHERE chain = ? AND address = ?');
  const put = db.prepare(`INSERT INTO tokens (chain, address, symbol, name, decimals, kind, checked_at, hidden)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chain, address) DO UPDATE SET symbol = excluded.symbol, name = excluded.name,
    decimals = excluded.decimals, kind = excluded.kind, checked_at = excluded.checked_at, hidden = excluded.hidden`);

  const read = (row: Record<string, unknown>): TokenRow => ({
    chain: row.chain as ChainRef,
    address: row.address as EvmAddress,
    symbol: row.symbol as string,
    name: row.name as string,
    decimals: row.decimals as number,
    kind: row.kind as TokenRow['kind'],
    checkedAt: row.checked_at as number,
    hidden: row.hidden === 1,
  });

  return {
    /** Hidden ones too. */
    all: (): TokenRow[] => all.all().map(read),
    find(chain: ChainRef, address: string): TokenRow | null {
      const row = one.get(chain, address);
      return row === undefined ? null : read(row);
    },
    put({ chain, address, symbol, name, decimals, kind, checkedAt, hidden }: TokenRow): void {
      put.run(chain, address, symbol, name, decimals, kind, checkedAt, hidden ? 1 : 0);
    },
  };
}
