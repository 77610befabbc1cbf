import type { Database } from '#core/store/database.ts';
import type { ChainRef } from '#shared/model/evm.ts';

export interface Followed {
  readonly number: number;
  readonly hash: Uint8Array;
}

/** The blocks of contacts' ledgers that were seen to follow one another, each by its hash; durable when these return. */
export function createFollowed({ db, transaction }: Database) {
  const newest = db.prepare('SELECT number, hash FROM followed WHERE ref = ? ORDER BY number DESC LIMIT 1');
  const byNumber = db.prepare('SELECT number, hash FROM followed WHERE ref = ? AND number = ?');
  const byHash = db.prepare('SELECT number, hash FROM followed WHERE hash = ? AND ref = ?');
  const put = db.prepare('INSERT INTO followed VALUES (?, ?, ?)');
  const forget = db.prepare('DELETE FROM followed WHERE ref = ?');
  return (ref: ChainRef) => ({
    newest: () => newest.get(ref) as Followed | undefined,
    byNumber: (number: number) => byNumber.get(ref, number) as Followed | undefined,
    byHash: (hash: Uint8Array) => byHash.get(hash, ref) as Followed | undefined,
    add: (blocks: readonly Followed[]) =>
      transaction(() => {
        for (const { number, hash } of blocks) put.run(ref, number, hash);
      }),
    /** From the first block on again: the ledger was put back, and may tell another story from some block on. */
    forget: () => transaction(() => void forget.run(ref)),
  });
}

export type FollowedBlocks = ReturnType<ReturnType<typeof createFollowed>>;
