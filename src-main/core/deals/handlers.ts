import type { Handlers } from '#core/broker/handlers.ts';
import type { DealView, dealsContract } from '#shared/contract/deals.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import type { KeptDeal } from './book/book.ts';
import { amountOf } from './context.ts';
import { costsOf } from './costs.ts';
import type { Doing } from './doing.ts';
import { failures } from './failures.ts';
import { historyOf } from './history.ts';
import { makeOffer } from './offers/make.ts';
import { offerView } from './offers/view.ts';
import type { Agreeing } from './proposals/agreeing.ts';
import { offerLink } from './terms/link.ts';
import { dealView, type Parts, refresh } from './view.ts';
import type { Post } from './wire/post.ts';

export function createHandlers(
  parts: Parts,
  doing: Doing,
  agreeing: Agreeing,
  post: Post,
): Handlers<typeof dealsContract> {
  const { context, book, shelf } = parts;
  const { deps } = context;

  const views = async (deals: readonly KeptDeal[]): Promise<DealView[]> => {
    const fresh = await Promise.all(deals.map((deal) => refresh(parts, deal)));
    return deals.flatMap((deal, i) => dealView(parts, book.get(deal.id) ?? deal, fresh[i] === true) ?? []);
  };

  return {
    async 'deals.offer'(input) {
      const contact = input.to === undefined ? null : deps.people.find(input.to);
      const { id, body } = await makeOffer(context, input, contact);
      const kept = shelf.put({ id, chain: body.chain, role: 'made', contact, body });
      if (contact !== null) {
        const ground = {
          chain: deps.chains.find(body.chain),
          venue: { chainId: BigInt(body.chain.slice(7)), deals: body.deals },
        };
        if (ground.chain !== null)
          await post.sendOffer(
            contact,
            { chain: ground.chain, venue: ground.venue },
            body.offer.provider,
            id,
            offerLink(body),
          );
      }
      context.changed(id);
      return offerView(context, kept);
    },
    async 'deals.offers'({ role }) {
      const kept = shelf.all().filter((offer) => role === undefined || offer.role === role);
      return { offers: await Promise.all(kept.map((offer) => offerView(context, offer))) };
    },
    'deals.look': async ({ offer }) => offerView(context, await doing.offerBy(offer, false)),
    'deals.takeBack': (input, task) => doing.takeBack(input, task),
    'deals.dismiss'({ offer }) {
      if (!shelf.dismiss(offer)) throw failures.noOffer();
      context.changed(offer);
      return {};
    },
    'deals.accept': (input, task) => doing.accept(input, task),
    'deals.start': doing.start,
    'deals.topUp': doing.topUp,
    'deals.settle': doing.settle,
    'deals.withdraw': doing.withdraw,
    'deals.end': doing.end,
    'deals.dispute': doing.dispute,
    'deals.resolveLate': doing.resolveLate,
    async 'deals.propose'({ deal, kind, amount: text }) {
      const here = await doing.present(deal);
      return agreeing.propose(here, kind, amountOf(text, here.token));
    },
    async 'deals.report'(input) {
      return agreeing.report(await doing.present(input.deal), input);
    },
    'deals.confirm': ({ proposal }, task) => agreeing.confirm(proposal, task),
    'deals.decline': ({ proposal }) => agreeing.decline(proposal),
    async 'deals.list'({ role, closed }) {
      const all = await views(book.all(closed));
      return { deals: all.filter((deal) => role === undefined || deal.role === role) };
    },
    'deals.get': async ({ deal }) => {
      const [view] = await views([known(deal)]);
      if (view === undefined) throw failures.noDeal();
      return view;
    },
    async 'deals.history'({ deal }) {
      const kept = known(deal);
      await refresh(parts, kept);
      const token = book.get(deal)?.seen?.token ?? null;
      return { events: historyOf(book.events(deal), token) };
    },
    'deals.costs': async () => costsOf(context, await views(book.all(true))),
  };

  function known(id: Hash32): KeptDeal {
    const kept = book.get(id);
    if (kept === null) throw failures.noDeal();
    return kept;
  }
}
