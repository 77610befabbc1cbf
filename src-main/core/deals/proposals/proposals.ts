import type { TypedData } from '#core/evm/accounts.ts';
import type { ProposalView } from '#shared/contract/deals.ts';
import { type EvmAddress, type Hash32, type Units, units } from '#shared/model/evm.ts';
import type { Book, KeptEvent, Seen } from '../book/book.ts';
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

type Row = Omit<KeptProposal, 'mine' | 'body'> & { readonly mine: number; readonly body: string };

/** Shown of one deal, at most: the latest. */
const mostShown = 100;

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
  const one = db.prepare('SELECT * FROM proposals WHERE id = ?');
  const latest = db.prepare('SELECT * FROM proposals WHERE deal = ? ORDER BY at DESC, rowid DESC LIMIT ?');
  /** What became of one says the chain, whoever handed it in. */
  const read = ({ mine, body: link, ...row }: Row, events: readonly KeptEvent[]): KeptProposal[] => {
    const body = readProposalLink(link);
    return body === null
      ? []
      : [{ ...row, mine: mine === 1, body, state: outcomeOf(body.statement, events) ?? row.state }];
  };
  const get = (id: string): KeptProposal | null => {
    const row = one.get(id) as Row | undefined;
    return row === undefined ? null : (read(row, book.events(row.deal))[0] ?? null);
  };
  const some = (deal: string, most: number): KeptProposal[] => {
    const events = book.events(deal);
    return (latest.all(deal, most) as unknown[]).flatMap((row) => read(row as Row, events));
  };

  const view = (kept: KeptProposal, beside = some(kept.deal, mostShown)): ProposalView => {
    const { statement: said } = kept.body;
    const doubtful = beside.some((other) => other.mine === kept.mine && contradicts(other.body.statement, said));
    const amount = said.kind === 'refund' ? said.amount : said.kind === 'settlement' ? said.toProvider : null;
    return {
      ...{ id: kept.id, kind: said.kind, by: kept.mine ? 'me' : 'other', state: kept.state, at: kept.at },
      amount: amount as Units | null,
      from: said.kind === 'receipt' ? timeOf(BigInt(said.from)) : null,
      until: said.kind === 'receipt' ? timeOf(BigInt(said.until)) : null,
      upSeconds: said.kind === 'receipt' ? Number(said.up) : null,
      bytes: said.kind === 'receipt' ? units(BigInt(said.traffic)) : null,
      words: `${words(said, book.get(kept.deal)?.seen ?? null)}${doubtful ? ' It contradicts another one for some of the same time.' : ''}`,
    };
  };

  return {
    view: (kept: KeptProposal): ProposalView => view(kept),
    get,
    /** Those that say something else of some of the same time. However long ago: a signature stays good. */
    against: (deal: string, said: ProposalBody['statement']): KeptProposal[] =>
      some(deal, -1).filter((other) => contradicts(other.body.statement, said)),
    /** The latest first. */
    of(deal: string): ProposalView[] {
      const shown = some(deal, mostShown);
      return shown.map((kept) => view(kept, shown));
    },

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
      return get(id) as KeptProposal;
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
      const known = get(id);
      // What one proposed oneself already needs no second signature: theirs is the answer.
      if (known?.mine === true) {
        if (known.state === 'open') update.run('confirmed', body.signature, id);
      } else if (known === null) {
        if (body.statement.kind === 'receipt' && !sameAddress(other, escrow.provider))
          throw failures.proposalInvalid('receipts are the provider’s to make');
        if (open.n >= mostOpen) throw failures.proposalInvalid('too many proposals wait for this deal');
        insert.run(id, body.deal, 0, proposalLink(body), 'open', null, deps.host.now());
      }
      context.changed(body.deal);
      return get(id) as KeptProposal;
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
      const wasUp = `The service was up ${duration(Number(up))} of ${duration(Number(until - from))}`;
      if (missed === 0n) return `${wasUp}.`;
      const cost = seen === null ? '' : `, which cost ${amount(missed * seen.escrow.rate)}`;
      return `${wasUp}, and missing ${duration(Number(missed))}${cost}.`;
    }
  }
}
