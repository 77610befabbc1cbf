import type { ChainRef, Hash32 } from '#shared/model/evm.ts';
import type { Escrow, Token } from '../chain/escrow.ts';
import type { Context } from '../context.ts';
import { fromText, toText } from '../store.ts';

/** How a deal stood when its chain was asked last. */
export interface Seen {
  readonly escrow: Escrow;
  readonly token: Token;
}

/** A deal of the person's, and how it stood when its chain was asked last. */
export interface KeptDeal {
  readonly id: Hash32;
  readonly chain: ChainRef;
  /** The offer that it was made of, where that is known. */
  readonly offer: Hash32 | null;
  readonly seen: Seen | null;
}

export interface KeptEvent {
  readonly tx: Hash32;
  readonly index: number;
  readonly deal: Hash32;
  readonly block: number;
  /** Seconds since 1970. */
  readonly at: number;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The deals of the person, what happened in them, and how far each chain was looked through. */
export function createBook({ database, deps }: Context) {
  const { db } = database;
  const add = db.prepare(
    'INSERT INTO deals (id, chain, offer, at) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET offer = coalesce(deals.offer, excluded.offer)',
  );
  const snapshot = db.prepare('UPDATE deals SET body = ?, closed = ? WHERE id = ?');
  const event = db.prepare('INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const mark = db.prepare(
    'INSERT INTO checkpoints VALUES (?, ?, ?, ?) ON CONFLICT (chain, account) DO UPDATE SET block = excluded.block, hash = excluded.hash',
  );
  const read = (row: unknown): KeptDeal => {
    const { id, chain, offer, body } = row as Record<string, string | null>;
    return { id, chain, offer, seen: body === null ? null : fromText<Seen>(body) } as KeptDeal;
  };
  const readEvent = (row: unknown): KeptEvent => {
    const { tx, idx, deal, block, at, name, body } = row as Omit<KeptEvent, 'index' | 'args'> & {
      idx: number;
      body: string;
    };
    return { tx, index: idx, deal, block, at, name, args: fromText(body) };
  };
  return {
    add: (id: Hash32, chain: ChainRef, offer: Hash32 | null): void => void add.run(id, chain, offer, deps.host.now()),
    get(id: string): KeptDeal | null {
      const row = db.prepare('SELECT * FROM deals WHERE id = ?').get(id);
      return row === undefined ? null : read(row);
    },
    /** The latest first. */
    all: (closed: boolean): KeptDeal[] =>
      db
        .prepare(`SELECT * FROM deals ${closed ? '' : 'WHERE closed = 0'} ORDER BY at DESC, rowid DESC LIMIT 1000`)
        .all()
        .map(read),
    see: (id: Hash32, seen: Seen): void => void snapshot.run(toText(seen), isOver(seen.escrow) ? 1 : 0, id),
    events: (deal: string): KeptEvent[] =>
      db.prepare('SELECT * FROM events WHERE deal = ? ORDER BY block, idx').all(deal).map(readEvent),
    /** Deals that an account of the person's is in, on a chain. */
    idsOn: (chain: ChainRef): Hash32[] =>
      db
        .prepare('SELECT id FROM deals WHERE chain = ?')
        .all(chain)
        .map((row) => (row as { id: Hash32 }).id),
    checkpoint: (chain: ChainRef, account: string): { block: number; hash: Hash32 } | null =>
      (db.prepare('SELECT block, hash FROM checkpoints WHERE chain = ? AND account = ?').get(chain, account) as
        | { block: number; hash: Hash32 }
        | undefined) ?? null,
    /** What one look through some blocks found, and how far it went. */
    record(chain: ChainRef, account: string, found: readonly KeptEvent[], to: { block: number; hash: Hash32 }): void {
      database.transaction(() => {
        for (const { tx, index, deal, block, at, name, args } of found)
          event.run(chain, tx, index, deal, block, at, name, toText(args));
        mark.run(chain, account, to.block, to.hash);
      });
    },
    /** The chain was written anew from some block on: what was seen there is forgotten. */
    rewind(chain: ChainRef, to: { block: number; hash: Hash32 } | null): void {
      database.transaction(() => {
        const after = to?.block ?? -1;
        db.prepare('DELETE FROM events WHERE chain = ? AND block > ?').run(chain, after);
        if (to === null) db.prepare('DELETE FROM checkpoints WHERE chain = ?').run(chain);
        else
          db.prepare('UPDATE checkpoints SET block = ?, hash = ? WHERE chain = ? AND block > ?').run(
            after,
            to.hash,
            chain,
            after,
          );
      });
    },
  };
}
export type Book = ReturnType<typeof createBook>;

/** Ended before it began, or with nothing that is still held: nothing more comes of it. */
const isOver = ({ state, earned, balance }: Escrow): boolean =>
  state === 'closed' || (state === 'ended' && earned === 0n && balance === 0n);
