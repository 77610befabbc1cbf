import type { OfferView } from '#shared/contract/deals.ts';
import { units } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Token } from '../chain/escrow.ts';
import { type Context, checksummed, timeOf } from '../context.ts';
import { offerLink, offerOf } from '../terms/link.ts';
import { priceOf } from '../terms/rate.ts';
import type { Offer } from '../terms/signed.ts';
import { offerWords } from '../terms/words.ts';
import { faultOf, groundOfOffer, standing } from './make.ts';
import type { KeptOffer } from './shelf.ts';

const isNothing = (hex: string): boolean => BigInt(hex) === 0n;

type Terms = Pick<
  Offer,
  'token' | 'rate' | 'grace' | 'window' | 'notice' | 'arbiter' | 'fallbackShare' | 'whole' | 'node' | 'spec'
>;

/** The terms of an offer or a deal, as they are shown. */
export function termsView(
  context: Context,
  chain: OfferView['terms']['chain'],
  terms: Terms,
  token: Token,
  what: string | null,
) {
  const { second, hour, day, month } = priceOf(terms.rate);
  const { grace, window, notice, fallbackShare, whole, spec } = terms;
  return {
    ...{ chain, chainName: context.deps.chains.find(chain)?.name ?? null },
    token: { ...token, address: checksummed(token.address) },
    price: { second: units(second), hour: units(hour), day: units(day), month: units(month) },
    ...{ grace, window, notice, fallbackShare, whole, spec, what },
    arbiter: isNothing(terms.arbiter) ? null : context.party(terms.arbiter),
    node: isNothing(terms.node) ? null : terms.node,
  };
}

/** An offer, with everything that speaks against it. A chain that does not answer is one of those things. */
export async function offerView(context: Context, kept: KeptOffer): Promise<OfferView> {
  const { body, role } = kept;
  const offer = offerOf(body);
  const problems: string[] = [];
  const fault = await faultOf(body);
  if (fault !== null) problems.push(`Do not accept it: ${fault}.`);
  let state: OfferView['state'] = 'unknown';
  let left: number | null = null;
  let token: Token = { address: offer.token, symbol: '?', decimals: 0 };
  try {
    const ground = groundOfOffer(context, body);
    const [now, known] = await Promise.all([
      standing(ground, kept.id, offer),
      context.token(ground.chain, offer.token),
    ]);
    [state, left, token] = [now.state, now.left, known];
    if (state === 'expired') problems.push('Its time is over.');
    if (state === 'takenBack') problems.push('Its provider took it back.');
    if (state === 'usedUp') problems.push('As many deals as it allows were made of it.');
  } catch (error) {
    if (!isFail(error)) throw error;
    problems.push(error.message);
  }
  const bound = !isNothing(offer.tenant);
  if (role === 'received') {
    if (bound && !context.isMine(offer.tenant) && context.deps.accounts.list().length > 0)
      problems.push('It is made to somebody else: the contract would refuse you.');
    if (context.isMine(offer.provider)) problems.push('You made it yourself.');
    const provider = context.party(offer.provider);
    if (kept.contact !== null && provider.contact !== null && provider.contact !== kept.contact)
      problems.push('It came from another contact than the one whose account signed it.');
    if (kept.contact !== null && provider.contact === null)
      problems.push('Whoever sent it did not show that the account that signed it is theirs.');
  }
  const known = state !== 'unknown';
  const chainName = context.deps.chains.find(body.chain)?.name ?? body.chain;
  return {
    ...{ id: kept.id, role, provider: context.party(offer.provider) },
    tenant: bound ? context.party(offer.tenant) : null,
    terms: termsView(context, body.chain, offer, token, body.what),
    minDeposit: units(offer.minDeposit),
    ...{ startWithin: offer.startWithin, times: offer.times, left },
    expiresAt: timeOf(offer.expires) ?? 8.64e15,
    ...{ state, problems },
    words: known ? offerWords(offer, token, chainName) : [],
    ...{ link: offerLink(body), at: kept.at },
  };
}
