import type { Checks, Naming } from '#core/broker/handlers.ts';
import type { dealsContract } from '#shared/contract/deals.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import type { Doing } from './doing.ts';
import { readOfferLink } from './terms/link.ts';
import type { Parts } from './view.ts';

type Methods = typeof dealsContract;

/** What can be told to be wrong before anybody is asked. */
export function dealsChecks({ context }: Parts, doing: Doing): Checks<Methods> {
  const allowed =
    (method: string) =>
    async ({ deal }: { readonly deal: Hash32 }): Promise<void> =>
      doing.mustAllow(await doing.present(deal), method);
  return {
    'deals.offer': ({ to }) => {
      context.main();
      if (to !== undefined) context.deps.people.find(to);
    },
    'deals.accept': async ({ offer, deposit }) => void (await doing.accepted(offer, deposit)),
    'deals.start': allowed('deals.start'),
    'deals.topUp': allowed('deals.topUp'),
    'deals.end': allowed('deals.end'),
    'deals.dispute': allowed('deals.dispute'),
    'deals.propose': allowed('deals.propose'),
  };
}

/** Deals and offers by what they are about and whom they are with. */
export function dealsNaming({ context, book, shelf, proposals }: Parts, doing: Doing): Naming<Methods> {
  const deal = (input: { readonly deal: Hash32 }): { deal?: string } => {
    const kept = book.get(input.deal);
    if (kept?.seen == null) return {};
    const { escrow, token } = kept.seen;
    const provides = context.isMine(escrow.provider);
    const account = provides ? escrow.provider : escrow.tenant;
    const here = { kept, escrow, token, account, role: provides ? 'provider' : 'tenant' } as const;
    return { deal: doing.named(here) };
  };
  const offer = (input: { readonly offer: string }): { offer?: string } => {
    const body = readOfferLink(input.offer) ?? shelf.get(input.offer)?.body;
    if (body === undefined || body === null) return {};
    const { name, address } = context.party(body.offer.provider);
    return { offer: `“${body.what.slice(0, 200)}” by ${name === null ? address : `${name} (${address})`}` };
  };
  return {
    'deals.takeBack': offer,
    'deals.dismiss': offer,
    'deals.accept': offer,
    'deals.start': deal,
    'deals.topUp': deal,
    'deals.settle': deal,
    'deals.end': deal,
    'deals.dispute': deal,
    'deals.resolveLate': deal,
    'deals.propose': deal,
    'deals.report': deal,
    'deals.confirm': ({ proposal }) => {
      const kept = proposals.get(proposal);
      return kept === null ? {} : { proposal: proposals.view(kept).words };
    },
  };
}
