import type { ChainRef, Hash32 } from '#shared/model/evm.ts';
import type { Context } from '../context.ts';
import { type OfferBody, offerLink, readOfferLink } from '../terms/link.ts';

/** An offer as it is kept: its link says everything that was signed. */
export interface KeptOffer {
  readonly id: Hash32;
  readonly chain: ChainRef;
  readonly role: 'made' | 'received';
  /** Whom it was sent to, or who sent it. */
  readonly contact: string | null;
  readonly body: OfferBody;
  readonly at: number;
}

type Row = Omit<KeptOffer, 'body'> & { readonly body: string };

/** Received ones kept at most; the oldest that nothing came of goes first. */
const mostReceived = 500;

export function createOfferShelf({ database, deps }: Context) {
  const { db } = database;
  const insert = db.prepare(
    `INSERT INTO offers (id, chain, role, contact, body, at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET dismissed = 0, contact = coalesce(offers.contact, excluded.contact)`,
  );
  const claim = db.prepare('UPDATE offers SET contact = ? WHERE id = ?');
  const prune = db.prepare(
    `DELETE FROM offers WHERE role = 'received' AND id NOT IN (SELECT offer FROM deals WHERE offer IS NOT NULL)
     AND id NOT IN (SELECT id FROM offers WHERE role = 'received' ORDER BY at DESC LIMIT ?)`,
  );
  const read = (row: unknown): KeptOffer[] => {
    const { id, chain, role, contact, body: link, at } = row as Row;
    const body = readOfferLink(link);
    return body === null ? [] : [{ id, chain, role, contact, body, at }];
  };
  return {
    /** @param proven the account that signed it is the contact's: whoever handed it on before does not stand for them */
    put(offer: Omit<KeptOffer, 'at'>, proven = false): KeptOffer {
      const at = deps.host.now();
      database.transaction(() => {
        insert.run(offer.id, offer.chain, offer.role, offer.contact, offerLink(offer.body), at);
        if (proven) claim.run(offer.contact, offer.id);
        if (offer.role === 'received') prune.run(mostReceived);
      });
      return { ...offer, at };
    },
    get: (id: string): KeptOffer | null =>
      db.prepare('SELECT * FROM offers WHERE id = ?').all(id).flatMap(read)[0] ?? null,
    all: (): KeptOffer[] =>
      db.prepare('SELECT * FROM offers WHERE dismissed = 0 ORDER BY at DESC, rowid DESC LIMIT 500').all().flatMap(read),
    dismiss: (id: string): boolean =>
      db.prepare("UPDATE offers SET dismissed = 1 WHERE id = ? AND role = 'received'").run(id).changes === 1,
  };
}
export type OfferShelf = ReturnType<typeof createOfferShelf>;
