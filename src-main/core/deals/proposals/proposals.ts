import type { TypedData } from '#core/evm/accounts.ts';
import type { ProposalView } from '#shared/contract/deals.ts';
import { type EvmAddress, type Hash32, type Units, units } from '#shared/model/evm.ts';
import type { Book, Seen } from '../book/book.ts';
import type { Escrow, Ground } from '../chain/escrow.ts';
import { type Context, inWords, lowered, sameAddress, timeOf } from '../context.ts';
import { failures } from '../failures.ts';
import { type ProposalBody, proposalLink, readProposalLink } from '../terms/link.ts';
import { duration } from '../terms/rate.ts';
import { digestOf, isSignedBy, statement, type Venue } from '../terms/signed.ts';

import { contradicts, faultOfReceipt, outcomeOf } from './holds.ts';

type State = ProposalView['state'];

/** What one party signed for the other to sign too; its id is the digest of what was signed. */
export interface KeptProposal {
  readonly id: Hash32;
  readonly deal: Hash32;
  readonly mine: boolean;
  readonly body: ProposalBody;
  readonly state: State;
  /** Signature of the other side. */
  readonly answer: string | null;
  readonly at: number;
}

/** Open ones of one deal from the other side, at most: a letter is no way to fill the disk. */
const mostOpen = 50;

export function statementOf(
  venue: Venue,
  { deal, statement: said }: Pick<ProposalBody, 'deal' | 'statement'>,
): TypedData {
  switch (said.kind) {
    case 'refund':
      return statement(venue, 'Refund', { deal, index: said.index, amount: BigInt(said.amount) });
    case 'settlement':
      return statement(venue, 'Settlement', { deal, toProvider: BigInt(said.toProvider) });
    case 'receipt': {
      const [from, until, up, traffic] = [said.from, said.until, said.up, said.traffic].map(BigInt) as [
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      return statement(venue, 'Receipt', { deal, from, until, up, traffic });
    }
  }
}

export function createProposals(context: Context, book: Book) {
  const { database, deps } = context;
  const { db } = database;
  const insert = db.prepare('INSERT OR IGNORE INTO proposals VALUES (?, ?, ?, ?, ?, ?, ?)');
  const update = db.prepare('UPDATE proposals SET state = ?, answer = coalesce(?, answer) WHERE id = ?');
  const read = (row: unknown): KeptProposal[] => {
    const { id, deal, mine, body, state, answer, at } = (row ?? {}) as Record<string, never>;
    const said = body === undefined ? null : readProposalLink(body);
    return said === null ||
      id === undefined ||
      deal === undefined ||
      state === undefined ||
      answer === undefined ||
      at === undefined
      ? []
      : [
          {
            ...{ id, deal, mine: mine === 1, body: said, answer, at },
            // What became of it says the chain, whoever handed it in.
            state: outcomeOf(said.statement, book.events(deal)) ?? state,
          },
        ];
  };

  const all = (deal: string): KeptProposal[] =>
    db.prepare('SELECT * FROM proposals WHERE deal = ? ORDER BY at DESC, rowid DESC LIMIT 100').all(deal).flatMap(read);
  const doubt = ({ deal, mine, body }: KeptProposal): string =>
    all(deal).some((other) => other.mine === mine && contradicts(other.body.statement, body.statement))
      ? ' It contradicts another one for some of the same time.'
      : '';

  const view = (kept: KeptProposal): ProposalView => {
    const { statement: said } = kept.body;
    const amount = said.kind === 'refund' ? said.amount : said.kind === 'settlement' ? said.toProvider : null;
    return {
      ...{ id: kept.id, kind: said.kind, by: kept.mine ? 'me' : 'other', state: kept.state, at: kept.at },
      amount: amount as Units | null,
      from: said.kind === 'receipt' ? timeOf(BigInt(said.from)) : null,
      until: said.kind === 'receipt' ? timeOf(BigInt(said.until)) : null,
      upSeconds: said.kind === 'receipt' ? Number(said.up) : null,
      bytes: said.kind === 'receipt' ? units(BigInt(said.traffic)) : null,
      words: `${words(said, book.get(kept.deal)?.seen ?? null)}${doubt(kept)}`,
    };
  };

  return {
    view,
    get: (id: string): KeptProposal | null =>
      read(db.prepare('SELECT * FROM proposals WHERE id = ?').get(id))[0] ?? null,
    /** The latest first. */
    all,
    of: (deal: string): ProposalView[] => all(deal).map(view),

    /** Sign it and keep it. */
    async make(ground: Ground, from: EvmAddress, deal: Hash32, said: ProposalBody['statement']): Promise<KeptProposal> {
      const data = statementOf(ground.venue, { deal, statement: said });
      const signature = (await deps.accounts.signTypedData(from, data)).toLowerCase();
      const { chain, venue } = ground;
      const body: ProposalBody = {
        ...{ v: 1, chain: chain.ref, genesis: chain.genesis, deals: lowered(venue.deals) },
        ...{ deal, statement: said, signature },
      };
      const id = digestOf(data);
      insert.run(id, deal, 1, proposalLink(body), 'open', null, deps.host.now());
      return read(db.prepare('SELECT * FROM proposals WHERE id = ?').get(id))[0] as KeptProposal;
    },

    /** One that came: kept where the other party of the deal signed it. @throws Fail PROPOSAL_INVALID */
    async take(ground: Ground, body: ProposalBody, escrow: Escrow): Promise<KeptProposal> {
      if (ground.chain.genesis !== body.genesis || lowered(ground.venue.deals) !== body.deals)
        throw failures.proposalInvalid('it is for another chain');
      const data = statementOf(ground.venue, body);
      const other = context.isMine(escrow.provider) ? escrow.tenant : escrow.provider;
      if (!(await isSignedBy(data, body.signature, other)))
        throw failures.proposalInvalid('the other side of the deal did not sign it');
      const fault = body.statement.kind === 'receipt' ? faultOfReceipt(body.statement) : null;
      if (fault !== null) throw failures.proposalInvalid(fault);
      const open = db
        .prepare("SELECT count(*) AS n FROM proposals WHERE deal = ? AND mine = 0 AND state = 'open'")
        .get(body.deal) as { n: number };
      const id = digestOf(data);
      const known = read(db.prepare('SELECT * FROM proposals WHERE id = ?').get(id))[0];
      // What one proposed oneself already needs no second signature: theirs is the answer.
      if (known?.mine === true) {
        if (known.state === 'open') update.run('confirmed', body.signature, id);
      } else if (known === undefined) {
        if (body.statement.kind === 'receipt' && !sameAddress(other, escrow.provider))
          throw failures.proposalInvalid('receipts are the provider’s to make');
        if (open.n >= mostOpen) throw failures.proposalInvalid('too many proposals wait for this deal');
        insert.run(id, body.deal, 0, proposalLink(body), 'open', null, deps.host.now());
      }
      context.changed(body.deal);
      return read(db.prepare('SELECT * FROM proposals WHERE id = ?').get(id))[0] as KeptProposal;
    },

    set(id: string, state: State, answer: string | null = null): void {
      update.run(state, answer, id);
      context.changed();
    },
  };
}
export type Proposals = ReturnType<typeof createProposals>;

function words(said: ProposalBody['statement'], seen: Seen | null): string {
  const amount = (value: string | bigint): string =>
    seen === null ? String(value) : inWords(BigInt(value), seen.token);
  switch (said.kind) {
    case 'refund':
      return `${amount(said.amount)} of what was earned goes back to the tenant.`;
    case 'settlement':
      return `The provider gets ${amount(said.toProvider)} of what is objected to, and the tenant the rest.`;
    case 'receipt': {
      const [from, until, up] = [BigInt(said.from), BigInt(said.until), BigInt(said.up)];
      const missed = until - from - up;
      return `The service was up ${duration(Number(up))} of ${duration(Number(until - from))}${missed === 0n ? '' : `, and missing ${duration(Number(missed))}${seen === null ? '' : `, which cost ${amount(missed * seen.escrow.rate)}`}`}.`;
    }
  }
}
