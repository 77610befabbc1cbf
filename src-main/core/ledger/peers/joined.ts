import type { Contracts } from '#core/evm/chain.ts';
import type { Database } from '#core/store/database.ts';
import { type ChainRef, chainIdOf, type Hash32 } from '#shared/model/evm.ts';
import { decodeHead, encodeHead, type SignedHead } from '../heads/head.ts';

/** A contact's ledger as it was pinned when it was joined. */
export interface Joined {
  readonly ref: ChainRef;
  readonly chainId: bigint;
  readonly contact: string;
  readonly genesis: Hash32;
  readonly contracts: Contracts;
  readonly at: number;
}

interface Row {
  readonly ref: ChainRef;
  readonly contact: string;
  readonly genesis: Hash32;
  readonly contracts: string;
  readonly head: Uint8Array;
  readonly at: number;
}

/** Contacts' ledgers that the person joined; durable when these return. */
export function createJoined({ db, transaction }: Database) {
  const all = db.prepare('SELECT * FROM joined ORDER BY at, ref');
  const put = db.prepare('INSERT INTO joined VALUES (?, ?, ?, ?, ?, ?)');
  const remove = db.prepare('DELETE FROM joined WHERE ref = ?');
  const head = db.prepare('SELECT head FROM joined WHERE ref = ?');
  const setHead = db.prepare('UPDATE joined SET head = ? WHERE ref = ?');
  return {
    list: (): readonly Joined[] =>
      (all.all() as unknown as Row[]).map(({ ref, contact, genesis, contracts, at }) => ({
        ...{ ref, chainId: chainIdOf(ref), contact, genesis, at },
        contracts: JSON.parse(contracts) as Contracts,
      })),
    add: ({ ref, contact, genesis, contracts, at }: Joined, first: SignedHead) =>
      transaction(() => void put.run(ref, contact, genesis, JSON.stringify(contracts), encodeHead(first), at)),
    remove: (ref: ChainRef) => transaction(() => void remove.run(ref)),
    /** The newest one that was good. */
    head(ref: ChainRef): SignedHead | null {
      const row = head.get(ref) as { head: Uint8Array } | undefined;
      return row === undefined ? null : decodeHead(row.head);
    },
    setHead: (ref: ChainRef, one: SignedHead) => transaction(() => void setHead.run(encodeHead(one), ref)),
  };
}

export type JoinedStore = ReturnType<typeof createJoined>;
