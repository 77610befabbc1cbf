import type { TaskContext } from '#core/broker/handlers.ts';
import type { DealView, ProposalView } from '#shared/contract/deals.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import { single } from '../acts/plans.ts';
import { inWords } from '../context.ts';
import type { Doing, Present } from '../doing.ts';
import { failures } from '../failures.ts';
import { type ProposalBody, proposalLink, readProposalLink } from '../terms/link.ts';
import type { Parts } from '../view.ts';
import type { Post } from '../wire/post.ts';
import { faultNow } from './holds.ts';
import { type KeptProposal, statementOf } from './proposals.ts';

export type Agreeing = ReturnType<typeof createAgreeing>;

/** What both sides of a deal sign: a refund, how an objection ends, a receipt of service. */
export function createAgreeing({ context, book, proposals }: Parts, doing: Doing, post: Post) {
  const { deps } = context;

  const otherOf = ({ escrow, role }: Present) => context.party(role === 'tenant' ? escrow.provider : escrow.tenant);

  async function make(here: Present, said: ProposalBody['statement']) {
    const kept = await proposals.make(here.ground, here.account, here.kept.id, said);
    const link = proposalLink(kept.body);
    const { contact } = otherOf(here);
    if (contact !== null) post.send(contact, { what: 'proposal', link });
    context.changed(here.kept.id);
    return { proposal: proposals.view(kept), link };
  }

  /** By its id, or its link, which is kept then. @throws Fail NOT_FOUND, PROPOSAL_INVALID */
  async function find(text: string): Promise<KeptProposal> {
    if (!text.startsWith('hypha:')) {
      const kept = proposals.get(text);
      if (kept === null) throw failures.noProposal();
      return kept;
    }
    const body = readProposalLink(text);
    if (body === null) throw failures.proposalInvalid('its link is damaged, or some of it is missing');
    const deal = book.get(body.deal);
    if (deal === null || deal.chain !== body.chain) throw failures.noDeal();
    const here = await doing.present(body.deal);
    return proposals.take(here.ground, body, here.escrow);
  }

  return {
    propose(here: Present, kind: 'refund' | 'settlement', amount: bigint) {
      const { escrow, token } = here;
      doing.mustAllow(here, 'deals.propose');
      if (kind === 'settlement' && escrow.state !== 'disputed') throw failures.wrongState(escrow.state);
      if (amount > escrow.earned) throw failures.tooMuch(inWords(escrow.earned, token));
      return make(
        here,
        kind === 'refund'
          ? { kind, index: escrow.refunds, amount: String(amount) }
          : { kind, toProvider: String(amount) },
      );
    },

    report(
      here: Present,
      { from, until, upSeconds, bytes }: { from: number; until: number; upSeconds: number; bytes?: string | undefined },
    ) {
      doing.mustAllow(here, 'deals.report');
      const [first, last] = [Math.floor(from / 1_000), Math.floor(until / 1_000)];
      const said = {
        kind: 'receipt',
        from: `${first}`,
        until: `${last}`,
        up: `${upSeconds}`,
        traffic: bytes ?? '0',
      } as const;
      const fault = faultNow(said, here.escrow);
      if (fault !== null) throw failures.receiptWrong(fault);
      // A receipt that was given away stays good: with two the other side would show whichever it likes better.
      if (proposals.against(here.kept.id, said).some(({ mine }) => mine))
        throw failures.receiptWrong('you signed another one for some of that time');
      return make(here, said);
    },

    async confirm(text: string, task: TaskContext): Promise<{ proposal: ProposalView; deal: DealView }> {
      const kept = await find(text);
      const here = await doing.present(kept.deal);
      const said = kept.body.statement;
      if (['declined', 'done', 'over'].includes(kept.state)) throw failures.proposalInvalid('it is over');
      const fault = faultNow(said, here.escrow);
      if (fault !== null) throw failures.proposalInvalid(fault);
      if (proposals.against(kept.deal, said).some(({ answer }) => answer !== null))
        throw failures.proposalInvalid('another receipt for some of that time is signed by both already');
      const data = statementOf(here.ground.venue, kept.body);
      let answer = kept.answer;
      if (!kept.mine) {
        answer = (await deps.accounts.signTypedData(here.account, data)).toLowerCase();
        proposals.set(kept.id, 'confirmed', answer);
        const { contact } = otherOf(here);
        // So that the other has both signatures, whatever becomes of this device.
        if (contact !== null)
          post.send(contact, { what: 'proposal', link: proposalLink({ ...kept.body, signature: answer }) });
      }
      if (answer === null) throw failures.proposalInvalid('the other side has not signed it yet');
      if (said.kind !== 'receipt') {
        const provides = here.role === 'provider';
        const [mine, theirs] = kept.mine ? [kept.body.signature, answer] : [answer, kept.body.signature];
        const both = provides ? [mine, theirs] : [theirs, mine];
        const [kind, first] =
          said.kind === 'refund'
            ? (['refund', { deal: kept.deal, index: said.index, amount: BigInt(said.amount) }] as const)
            : (['resolveTogether', { deal: kept.deal, toProvider: BigInt(said.toProvider) }] as const);
        const about = `${said.kind === 'refund' ? 'Give back some of the pay of' : 'Settle'} ${doing.named(here)}`;
        await doing.perform(single(here.ground, here.account, kind, kept.deal, [first, ...both], about), task);
        proposals.set(kept.id, 'done');
      }
      const after = proposals.get(kept.id) ?? kept;
      return { proposal: proposals.view(after), deal: await doing.shown(kept.deal) };
    },

    decline(id: string): ProposalView {
      const kept = proposals.get(id);
      if (kept === null || kept.mine) throw failures.noProposal();
      if (kept.state === 'open') {
        proposals.set(id, 'declined');
        const escrow = book.get(kept.deal)?.seen?.escrow;
        const other = escrow && context.party(context.isMine(escrow.provider) ? escrow.tenant : escrow.provider);
        if (other?.contact) post.send(other.contact, { what: 'declined', proposal: kept.id as Hash32 });
      }
      return proposals.view(proposals.get(id) ?? kept);
    },
  };
}
