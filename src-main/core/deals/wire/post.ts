import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Book } from '../book/book.ts';
import type { Objections } from '../book/objections.ts';
import { type Ground, groundOf, readEscrow } from '../chain/escrow.ts';
import type { Context } from '../context.ts';
import { faultOf, idOf } from '../offers/make.ts';
import type { OfferShelf } from '../offers/shelf.ts';
import type { Proposals } from '../proposals/proposals.ts';
import { offerOf, readOfferLink, readProposalLink } from '../terms/link.ts';
import { isSignedBy, statement, type Venue } from '../terms/signed.ts';
import { type DealLetter, longestLetter, readLetter, writeLetter } from './letter.ts';

/** Letters that wait to be looked into, at most of one contact: more than anybody writes. */
const mostWaiting = 200;

export interface PostDeps {
  readonly context: Context;
  readonly book: Book;
  readonly shelf: OfferShelf;
  readonly proposals: Proposals;
  readonly objections: Objections;
}

/** Letters about deals, out and in. */
export function createPost({ context, book, shelf, proposals, objections }: PostDeps) {
  const { deps, database } = context;
  const { db } = database;
  const next = db.prepare('SELECT * FROM inbox WHERE id > ? ORDER BY id LIMIT 1');
  let working: Promise<void> | null = null;
  let again = false;

  /** That an account is this person's, for a statement of theirs. */
  const proofOf = async (venue: Venue, account: EvmAddress, about: Hash32): Promise<string | null> => {
    const person = deps.people.self();
    if (person === null) return null;
    return (
      await deps.accounts.signTypedData(account, statement(venue, 'Belonging', { statement: about, person }))
    ).toLowerCase();
  };
  const proves = async (
    venue: Venue,
    account: EvmAddress,
    about: Hash32,
    proof: string,
    contact: string,
  ): Promise<boolean> => {
    const person = deps.people.personOf(contact);
    return person !== null && isSignedBy(statement(venue, 'Belonging', { statement: about, person }), proof, account);
  };

  const takeIn = async (contact: string, letter: DealLetter): Promise<void> => {
    switch (letter.what) {
      case 'offer': {
        const body = readOfferLink(letter.link);
        if (body === null || (await faultOf(body)) !== null) return;
        const id = idOf(body);
        const venue = { chainId: BigInt(body.chain.slice(7)), deals: body.deals };
        const { provider } = offerOf(body);
        if (context.isMine(provider)) return;
        const proven = await proves(venue, provider, id, letter.proof, contact);
        if (proven) context.belongs(provider, contact);
        shelf.put({ id, chain: body.chain, role: 'received', contact, body }, proven);
        return context.changed(id);
      }
      case 'agreed': {
        const ground = groundOf(deps.chains, letter.chain);
        const escrow = await readEscrow(ground, letter.deal);
        if (escrow === null || !context.isMine(escrow.provider)) return;
        if (await proves(ground.venue, escrow.tenant, letter.deal, letter.proof, contact))
          context.belongs(escrow.tenant, contact);
        // Of which offer it was made says the chain, not whoever writes.
        book.add(letter.deal, letter.chain, null);
        book.see(letter.deal, { escrow, token: await context.token(ground.chain, escrow.token) });
        return context.changed(letter.deal);
      }
      case 'proposal': {
        const body = readProposalLink(letter.link);
        const deal = body === null ? null : book.get(body.deal);
        if (body === null || deal === null || deal.chain !== body.chain) return;
        const ground = groundOf(deps.chains, deal.chain);
        const escrow = await readEscrow(ground, deal.id);
        if (escrow !== null) await proposals.take(ground, body, escrow);
        return;
      }
      case 'declined': {
        const kept = proposals.get(letter.proposal);
        if (kept?.mine === true && kept.state === 'open' && isWith(kept.deal, contact))
          proposals.set(kept.id, 'declined');
        return;
      }
      case 'objection': {
        const kept = book.get(letter.deal);
        if (kept === null || !isWith(kept.id, contact)) return;
        objections.keep(kept.id, letter.reason);
        return context.changed(letter.deal);
      }
    }
  };

  /** Whether the other side of a deal is this contact. */
  const isWith = (deal: string, contact: string): boolean => {
    const escrow = book.get(deal)?.seen?.escrow;
    if (escrow === undefined) return false;
    return [escrow.tenant, escrow.provider].some((address) => context.party(address).contact === contact);
  };

  const work = async (): Promise<void> => {
    do {
      again = false;
      // Accounts tell whose side one is on: before an unlock letters wait.
      if (deps.accounts.list().length === 0) return;
      // One by one: letters that wait for a chain are no reason for those behind them to wait.
      for (let last = 0; ; ) {
        const row = next.get(last) as { id: number; contact: string; letter: Uint8Array } | undefined;
        if (row === undefined) break;
        const { id, contact, letter } = row;
        last = id;
        const read = readLetter(letter);
        try {
          if (read !== null) await takeIn(contact, read);
        } catch (error) {
          if (!isFail(error)) deps.log.error({ error }, 'a letter about a deal could not be looked into');
          // Of a chain that does not answer now, or is not known yet: later. What does not hold is dropped.
          if (isFail(error) && ['CHAIN_UNREACHABLE', 'CHAIN_UNKNOWN', 'CHAIN_RESTS', 'LOCKED'].includes(error.code))
            continue;
        }
        db.prepare('DELETE FROM inbox WHERE id = ?').run(id);
      }
    } while (again);
  };

  const lookInto = (): Promise<void> => {
    again = true;
    working ??= work()
      .catch((error: unknown) => deps.log.error({ error }, 'letters about deals could not be looked into'))
      .finally(() => {
        working = null;
      });
    return working;
  };

  const send = (contact: string, letter: DealLetter): boolean => {
    try {
      deps.letters.send(contact, writeLetter(letter));
      return true;
    } catch (error) {
      // The chain has what counts; who has no way to the other hands the link over.
      deps.log.warn({ error: String(error), what: letter.what }, 'a letter about a deal was not sent');
      return false;
    }
  };

  return {
    /** Take letters of contacts in from now on. @returns what ends that */
    listen: () =>
      deps.letters.onLetter((contact, letter) => {
        if (letter.length > longestLetter) return;
        const { n } = db.prepare('SELECT count(*) AS n FROM inbox WHERE contact = ?').get(contact) as { n: number };
        if (n >= mostWaiting) return;
        database.transaction(() =>
          db.prepare('INSERT INTO inbox (contact, letter) VALUES (?, ?)').run(contact, letter),
        );
        void lookInto();
      }),
    lookInto,
    send,
    async sendOffer(contact: string, ground: Ground, account: EvmAddress, id: Hash32, link: string): Promise<void> {
      const proof = await proofOf(ground.venue, account, id);
      if (proof !== null) send(contact, { what: 'offer', link, proof });
    },
    async sendAgreed(contact: string, ground: Ground, account: EvmAddress, deal: Hash32, offer: Hash32): Promise<void> {
      const proof = await proofOf(ground.venue, account, deal);
      if (proof !== null) send(contact, { what: 'agreed', chain: ground.chain.ref, deal, offer, proof });
    },
    idle: async (): Promise<void> => {
      await working;
    },
  };
}
export type Post = ReturnType<typeof createPost>;
