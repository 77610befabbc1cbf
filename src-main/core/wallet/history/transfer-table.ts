import type { Database } from '#core/store/database.ts';
import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';

/** A transfer of a token to or from an account, as a log tells it. */
export interface TransferRow {
  readonly chain: ChainRef;
  readonly account: EvmAddress;
  readonly hash: Hash32;
  /** Of the log in its block. */
  readonly position: number;
  readonly token: EvmAddress;
  readonly incoming: boolean;
  readonly other: EvmAddress;
  readonly amount: bigint;
  readonly block: number;
  /** Milliseconds since 1970, by the chain's clock. */
  readonly at: number;
}

/** How far the logs of one token were looked through for one account. */
export interface ScanRow {
  readonly chain: ChainRef;
  readonly account: EvmAddress;
  readonly token: EvmAddress;
  readonly first: number;
  /** The last block that stays; -1 for none. */
  readonly upto: number;
}

export type TransferTable = ReturnType<typeof createTransferTable>;

export function createTransferTable({ db, transaction }: Pick<Database, 'db' | 'transaction'>) {
  const insert =
    db.prepare(`INSERT OR REPLACE INTO transfers (chain, account, hash, position, token, incoming, other, amount, block, at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const after = db.prepare('SELECT * FROM transfers WHERE chain = ? AND account = ? AND token = ? AND block >= ?');
  const remove = db.prepare('DELETE FROM transfers WHERE chain = ? AND account = ? AND token = ? AND block >= ?');
  const allScans = db.prepare('SELECT * FROM scans WHERE chain = ?');
  const putScan = db.prepare(`INSERT INTO scans (chain, account, token, first, upto) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (chain, account, token) DO UPDATE SET upto = excluded.upto`);
  const page = db.prepare(`SELECT * FROM transfers WHERE (at, hash || ':' || position) < (?, ?)
    ORDER BY at DESC, hash || ':' || position DESC LIMIT ?`);
  const ofHash = db.prepare('SELECT * FROM transfers WHERE chain = ? AND hash = ?');

  const read = (row: Record<string, unknown>): TransferRow => ({
    chain: row.chain as ChainRef,
    account: row.account as EvmAddress,
    hash: row.hash as Hash32,
    position: row.position as number,
    token: row.token as EvmAddress,
    incoming: row.incoming === 1,
    other: row.other as EvmAddress,
    amount: BigInt(row.amount as string),
    block: row.block as number,
    at: row.at as number,
  });

  return {
    scans: (chain: ChainRef): ScanRow[] => allScans.all(chain) as unknown as ScanRow[],
    /**
     * What was found from a block on takes the place of what was there before: blocks that are none any more go with it.
     *
     * @returns whether anything is another than it was
     */
    renew(scan: ScanRow, from: number, found: readonly TransferRow[], upto: number): boolean {
      const key = [scan.chain, scan.account, scan.token, from] as const;
      const [before, now] = [after.all(...key).map(read), found];
      const name = (row: TransferRow): string => `${row.hash} ${row.position} ${row.block}`;
      const changed = before.map(name).toSorted().join() !== now.map(name).toSorted().join();
      transaction(() => {
        if (changed) remove.run(...key);
        for (const row of changed ? now : []) {
          const { chain, account, hash, position, token, incoming, other, amount, block, at } = row;
          insert.run(chain, account, hash, position, token, incoming ? 1 : 0, other, String(amount), block, at);
        }
        putScan.run(scan.chain, scan.account, scan.token, scan.first, upto);
      });
      return changed;
    },
    /** Newest first, those before a moment and, of that moment, before an id. */
    before: (at: number, id: string, limit: number): TransferRow[] => page.all(at, id, limit).map(read),
    ofHash: (chain: ChainRef, hash: string): TransferRow[] => ofHash.all(chain, hash).map(read),
  };
}
