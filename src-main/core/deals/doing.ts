import type { TaskContext } from '#core/broker/handlers.ts';
import type { DealView, OfferView } from '#shared/contract/deals.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { units } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Act, Plan } from './acts/acts.ts';
import { type AcceptNote, accepting, type DisputeNote, single, toppingUp, withdrawing } from './acts/plans.ts';
import type { KeptDeal } from './book/book.ts';
import { balanceOf, type Escrow, type Ground, groundOf, owedTo, readEscrow, type Token } from './chain/escrow.ts';
import { amountOf, inWords, sameAddress } from './context.ts';
import { failures } from './failures.ts';
import { faultOf, groundOfOffer, idOf, saltOf, standing } from './offers/make.ts';
import type { KeptOffer } from './offers/shelf.ts';
import { offerView } from './offers/view.ts';
import { offerOf, readOfferLink } from './terms/link.ts';
import { hashOfText } from './terms/manifest.ts';
import { type Acceptance, digestOf, statement } from './terms/signed.ts';
import { dealView, type Parts, refresh } from './view.ts';
import type { Post } from './wire/post.ts';

/** What a deal is, where its chain answers now. */
export interface Present {
  readonly kept: KeptDeal;
  readonly ground: Ground;
  readonly escrow: Escrow;
  readonly token: Token;
  /** Which side the person is, and the account of theirs. */
  readonly role: 'tenant' | 'provider';
  readonly account: EvmAddress;
}

/** An acceptance can be handed in for so long. */
const acceptanceSeconds = 3_600n;

export type Doing = ReturnType<typeof createDoing>;

/** What people do with offers and deals, each to its end. */
export function createDoing(parts: Parts, post: Post) {
  const { context, book, shelf, acts } = parts;
  const { deps } = context;

  /** @throws Fail NOT_FOUND, LOCKED and of the chain */
  async function present(id: string): Promise<Present> {
    const kept = book.get(id);
    if (kept === null) throw failures.noDeal();
    const ground = groundOf(deps.chains, kept.chain);
    context.main();
    const escrow = await readEscrow(ground, kept.id);
    if (escrow === null) throw failures.noDeal();
    const token = await context.token(ground.chain, escrow.token);
    book.see(kept.id, { escrow, token });
    const provides = context.isMine(escrow.provider);
    if (!provides && !context.isMine(escrow.tenant)) throw failures.notParty('tenant or provider');
    const account = provides ? escrow.provider : escrow.tenant;
    return { kept, ground, escrow, token, account, role: provides ? 'provider' : 'tenant' };
  }

  /** @throws Fail WRONG_STATE, NOT_PARTY for what the deal does not allow now */
  function mustAllow(here: Present, method: string): void {
    const view = dealView(parts, { ...here.kept, seen: here }, true);
    if (view?.can.includes(method)) return;
    const other = here.role === 'tenant' ? 'provider' : 'tenant';
    const ofOther: readonly string[] =
      here.role === 'tenant' ? ['deals.start', 'deals.report'] : ['deals.dispute', 'deals.topUp'];
    if (ofOther.includes(method)) throw failures.notParty(other);
    throw failures.wrongState(view?.state ?? here.escrow.state);
  }

  async function perform(plan: Plan, task: TaskContext): Promise<Act> {
    task.step('send', plan.about);
    const decidedAt = await deps.accounts.nonce(plan.chain, plan.from);
    return acts.finished(acts.begin(plan, decidedAt).id, task.signal);
  }

  async function shown(id: Hash32): Promise<DealView> {
    const kept = book.get(id);
    if (kept === null) throw failures.noDeal();
    // One that was never seen has nothing to show meanwhile.
    if (kept.seen === null) await present(id);
    const fresh = await refresh(parts, kept);
    const view = dealView(parts, book.get(id) ?? kept, fresh);
    if (view === null) throw failures.noDeal();
    return view;
  }

  /** An offer by its id or its link; one that came as a link is kept. @throws Fail NOT_FOUND, OFFER_INVALID */
  async function offerBy(text: string, keep: boolean): Promise<KeptOffer> {
    if (!text.startsWith('hypha:')) {
      const kept = shelf.get(text);
      if (kept === null) throw failures.noOffer();
      return kept;
    }
    const body = readOfferLink(text);
    if (body === null) throw failures.offerInvalid('its link is damaged, or some of it is missing');
    const fault = await faultOf(body);
    if (fault !== null) throw failures.offerInvalid(fault);
    const id = idOf(body);
    const known = shelf.get(id);
    if (known !== null) return known;
    const mine = context.isMine(offerOf(body).provider);
    const offer = { id, chain: body.chain, role: mine ? 'made' : 'received', contact: null, body } as const;
    return keep ? shelf.put(offer) : { ...offer, at: deps.host.now() };
  }

  const simple =
    (method: string, kind: string, args: (here: Present) => readonly unknown[], about: (here: Present) => string) =>
    async ({ deal }: { readonly deal: Hash32 }, task: TaskContext): Promise<DealView> => {
      const here = await present(deal);
      mustAllow(here, method);
      await perform(single(here.ground, here.account, kind, deal, args(here), about(here)), task);
      return shown(deal);
    };

  const named = ({ kept, escrow, role }: Pick<Present, 'kept' | 'escrow' | 'role'>): string => {
    const { name } = context.party(role === 'tenant' ? escrow.provider : escrow.tenant);
    const what = kept.offer === null ? null : (shelf.get(kept.offer)?.body.what.split('\n')[0]?.slice(0, 60) ?? null);
    return `the deal${what === null ? '' : ` about “${what}”`}${name === null ? '' : ` with ${name}`}`;
  };

  return {
    ...{ present, mustAllow, perform, shown, offerBy, named },

    /** Everything that can be told to be wrong before it is paid for. */
    async accepted(text: string, depositText: string) {
      const offer = await offerBy(text, true);
      const ground = groundOfOffer(context, offer.body);
      const fault = await faultOf(offer.body);
      if (fault !== null) throw failures.offerInvalid(fault);
      const terms = offerOf(offer.body);
      const token = await context.token(ground.chain, terms.token);
      const deposit = amountOf(depositText, token);
      if (deposit < terms.minDeposit) throw failures.depositSmall(inWords(terms.minDeposit, token));
      const tenant = BigInt(terms.tenant) === 0n ? context.main() : terms.tenant;
      if (!context.isMine(tenant)) throw failures.offerOver('it is made to somebody else');
      if (context.isMine(terms.provider)) throw failures.offerOver('you made it yourself');
      const { state, now } = await standing(ground, offer.id, terms);
      if (state === 'expired') throw failures.offerOver('its time is over');
      if (state === 'takenBack') throw failures.offerOver('its provider took it back');
      if (state === 'usedUp') throw failures.offerOver('as many deals as it allows were made of it');
      const have = await balanceOf(ground.chain, terms.token, tenant);
      if (have < deposit) throw failures.short(inWords(have, token), inWords(deposit, token));
      return { offer, ground, terms, token, deposit, tenant, now };
    },

    async accept(input: { readonly offer: string; readonly deposit: string }, task: TaskContext): Promise<DealView> {
      const { offer, ground, terms, token, deposit, tenant, now } = await this.accepted(input.offer, input.deposit);
      const acceptance: Acceptance = {
        ...{ offer: offer.id, tenant, deposit, salt: saltOf(deps.host.random) },
        expires: now + acceptanceSeconds < terms.expires ? now + acceptanceSeconds : terms.expires,
      };
      const signed = statement(ground.venue, 'Acceptance', acceptance);
      const id = digestOf(signed);
      const signature = await deps.accounts.signTypedData(tenant, signed);
      const { name } = context.party(terms.provider);
      const about = `Deposit of ${inWords(deposit, token)} for “${offer.body.what.split('\n')[0]?.slice(0, 60)}”${name === null ? '' : ` by ${name}`}`;
      await perform(accepting(ground, offer, id, acceptance, signature, about), task);
      return shown(id);
    },

    start: simple(
      'deals.start',
      'start',
      ({ kept, escrow }) => [kept.id, escrow.spec],
      (here) => `Start ${named(here)}`,
    ),
    settle: simple(
      'deals.settle',
      'settle',
      ({ kept }) => [kept.id],
      (here) => `Account for ${named(here)}`,
    ),
    end: simple(
      'deals.end',
      'end',
      ({ kept }) => [kept.id],
      (here) => `End ${named(here)}`,
    ),
    resolveLate: simple(
      'deals.resolveLate',
      'resolveLate',
      ({ kept }) => [kept.id],
      (here) => `Close the objection to ${named(here)}`,
    ),

    async dispute(
      { deal, reason }: { readonly deal: Hash32; readonly reason: string },
      task: TaskContext,
    ): Promise<DealView> {
      const here = await present(deal);
      mustAllow(here, 'deals.dispute');
      const args = [deal, hashOfText(reason)];
      const note: DisputeNote = { deal, reason, contact: context.party(here.escrow.provider).contact };
      await perform(single(here.ground, here.account, 'dispute', deal, args, `Object to ${named(here)}`, note), task);
      return shown(deal);
    },

    async topUp(
      { deal, amount: text }: { readonly deal: Hash32; readonly amount: string },
      task: TaskContext,
    ): Promise<DealView> {
      const here = await present(deal);
      mustAllow(here, 'deals.topUp');
      const { ground, token, account } = here;
      const amount = amountOf(text, token);
      const have = await balanceOf(ground.chain, token.address, account);
      if (have < amount) throw failures.short(inWords(have, token), inWords(amount, token));
      const about = `Add ${inWords(amount, token)} to ${named(here)}`;
      await perform(toppingUp(ground, account, token.address, deal, amount, about), task);
      return shown(deal);
    },

    async takeBack({ offer: id }: { readonly offer: Hash32 }, task: TaskContext): Promise<OfferView> {
      const offer = shelf.get(id);
      if (offer === null) throw failures.noOffer();
      const terms = offerOf(offer.body);
      if (!context.isMine(terms.provider)) throw failures.notParty('provider');
      const ground = groundOfOffer(context, offer.body);
      const { state } = await standing(ground, offer.id, terms);
      if (state === 'open')
        await perform(single(ground, terms.provider, 'takeBack', offer.id, [terms], 'Take an offer back'), task);
      return offerView(context, offer);
    },

    async withdraw(
      {
        chain: ref,
        token: wanted,
      }: { readonly chain: Parameters<typeof groundOf>[1]; readonly token?: EvmAddress | undefined },
      task: TaskContext,
    ) {
      const ground = groundOf(deps.chains, ref);
      const address = wanted ?? ground.chain.contracts?.credits;
      if (!address) throw failures.noToken('Nothing');
      const token = await context.token(ground.chain, address);
      const who = context.main();
      const deals = await freeable(ground, address, who);
      const owed = await owedTo(ground, address, who);
      if (owed === 0n && deals.length === 0) throw failures.nothingOwed(token.symbol);
      const before = await balanceOf(ground.chain, address, who);
      await perform(withdrawing(ground, who, address, deals, `Have ${token.symbol} paid out that deals owe`), task);
      const after = await balanceOf(ground.chain, address, who);
      return { token, paid: units(after > before ? after - before : 0n) };
    },

    /** What becomes of an act whose steps are all done; done once more where the process ended between. */
    async finish(act: Act): Promise<void> {
      if (act.kind === 'dispute') {
        const { deal, reason, contact } = act.note as DisputeNote;
        parts.objections.keep(deal, reason);
        if (contact !== null) post.send(contact, { what: 'objection', deal, reason });
      }
      if (act.kind !== 'accept') return;
      const { deal, offer, contact } = act.note as AcceptNote;
      book.add(deal, act.chain, offer);
      if (contact === null) return;
      const ground = groundOf(deps.chains, act.chain);
      await post.sendAgreed(contact, ground, act.from, deal, offer);
    },

    /** A step that was refused because it is so already: another handed the same acceptance in. */
    async isDone(act: Act, position: number): Promise<boolean> {
      if (act.kind !== 'accept' || position !== act.steps.length - 1) return false;
      try {
        const escrow = await readEscrow(groundOf(deps.chains, act.chain), (act.note as AcceptNote).deal);
        return escrow !== null && sameAddress(escrow.tenant, act.from);
      } catch (error) {
        if (isFail(error)) return false;
        throw error;
      }
    },
  };

  /** Deals in which something would be freed for an account now. */
  async function freeable(ground: Ground, token: EvmAddress, who: EvmAddress): Promise<Hash32[]> {
    const found: Hash32[] = [];
    for (const kept of book.all(false)) {
      if (kept.chain !== ground.chain.ref) continue;
      const escrow = await readEscrow(ground, kept.id);
      if (escrow === null || !sameAddress(escrow.token, token)) continue;
      const { state, earned, rate, window, at, stopAt } = escrow;
      const over = state === 'ended' && at >= stopAt + BigInt(window);
      const free = over ? earned : earned - rate * BigInt(window);
      const provides = sameAddress(escrow.provider, who) && free > 0n && state !== 'disputed';
      // Its contract does not know yet that it has ended: what was not used comes back when somebody touches it.
      const ends = sameAddress(escrow.tenant, who) && state === 'ended' && escrow.untouched;
      if (provides || ends) found.push(kept.id);
    }
    return found.slice(0, 50);
  }
}
