import { concatBytes } from '#core/crypto/bytes.ts';
import type { dealsContract } from '#shared/contract/deals.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import type { ParsedInputOf } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import { chainTime, type Ground, groundOf, usesOf } from '../chain/escrow.ts';
import { amountOf, type Context, lowered, nobody, sameAddress } from '../context.ts';
import { failures } from '../failures.ts';
import { type OfferBody, offerOf, offerToBody } from '../terms/link.ts';
import { hashOfText } from '../terms/manifest.ts';
import { rateOf, secondsOf } from '../terms/rate.ts';
import { digestOf, isSignedBy, type Offer, statement } from '../terms/signed.ts';

type Wanted = ParsedInputOf<(typeof dealsContract)['deals.offer']>;

const noHash = `0x${'0'.repeat(64)}` as Hash32;
export const saltOf = (random: (n: number) => Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(concatBytes(random(32))).toString('hex')}`);

/** Sign an offer. @throws Fail as `deals.offer` */
export async function makeOffer(context: Context, wanted: Wanted, contact: string | null) {
  const { deps } = context;
  const ground = groundOf(deps.chains, wanted.chain);
  const { chain, venue } = ground;
  const provider = context.main();
  const address = wanted.token ?? chain.contracts?.credits;
  if (!address) throw failures.noToken('Nothing');
  const token = await context.token(chain, address);
  const rate = rateOf(amountOf(wanted.price, token), wanted.per);
  if (rate === null) throw failures.priceTooFine(token.symbol);
  const tenant = contact === null ? nobody : accountOf(context, contact);
  const arbiter = wanted.arbiter ?? nobody;
  if (sameAddress(tenant, provider)) throw failures.termsWrong('it is made to yourself');
  if (arbiter !== nobody && (sameAddress(arbiter, provider) || sameAddress(arbiter, tenant)))
    throw failures.termsWrong('who decides is one of the two sides');
  if (wanted.whole && wanted.node === undefined) throw failures.termsWrong('it does not say which node is meant');
  const now = await chainTime(chain);
  const offer: Offer = {
    ...{ provider: lowered(provider), tenant: lowered(tenant), token: lowered(address), arbiter: lowered(arbiter) },
    ...{ node: wanted.node ?? noHash, spec: hashOfText(wanted.what), rate },
    minDeposit: wanted.minDeposit === undefined ? rate * secondsOf.day : amountOf(wanted.minDeposit, token),
    ...{ grace: wanted.grace, window: wanted.window, notice: wanted.notice, startWithin: wanted.startWithin },
    ...{ fallbackShare: wanted.fallbackShare, whole: wanted.whole, times: wanted.times },
    ...{ expires: now + BigInt(wanted.validFor), salt: saltOf(deps.host.random) },
  };
  const signed = statement(venue, 'Offer', offer);
  const signature = (await deps.accounts.signTypedData(provider, signed)).toLowerCase();
  const body: OfferBody = {
    ...{ v: 1, chain: chain.ref, genesis: chain.genesis, deals: lowered(venue.deals) },
    ...{ offer: offerToBody(offer), signature, what: wanted.what },
  };
  return { id: digestOf(signed), body };
}

/** The digest of an offer that somebody handed over, whatever chain it is of. */
export const idOf = (body: OfferBody): Hash32 =>
  digestOf(statement({ chainId: BigInt(body.chain.slice(7)), deals: body.deals }, 'Offer', offerOf(body)));

/** Whether its words and its signature are what they seem; needs no chain. @returns what is wrong, null when nothing is */
export async function faultOf(body: OfferBody): Promise<string | null> {
  const offer = offerOf(body);
  const venue = { chainId: BigInt(body.chain.slice(7)), deals: body.deals };
  if (hashOfText(body.what) !== offer.spec) return 'its text is not the one that was signed';
  if (!(await isSignedBy(statement(venue, 'Offer', offer), body.signature, offer.provider)))
    return 'its provider did not sign it';
  return null;
}

/** Its chain, if it is the very one that the offer was made for. @throws Fail CHAIN_UNKNOWN, NO_CONTRACTS, OFFER_INVALID */
export function groundOfOffer(context: Context, body: OfferBody): Ground {
  const ground = groundOf(context.deps.chains, body.chain);
  if (ground.chain.genesis !== body.genesis)
    throw failures.offerInvalid('it is for another chain that has the same number');
  if (!sameAddress(ground.venue.deals, body.deals))
    throw failures.offerInvalid('it is for another contract than the one that Hypha was built with');
  return ground;
}

/** What the chain says of it now. */
export async function standing(ground: Ground, id: Hash32, offer: Offer) {
  const [uses, now] = await Promise.all([usesOf(ground, id), chainTime(ground.chain)]);
  const left = uses === 'takenBack' ? 0 : Math.max(0, offer.times - uses);
  const state = uses === 'takenBack' ? 'takenBack' : now >= offer.expires ? 'expired' : left === 0 ? 'usedUp' : 'open';
  return { state, left, now } as const;
}

/** Without it an offer to somebody would be one to whoever has the link. @throws Fail NO_ADDRESS */
function accountOf(context: Context, contact: string): EvmAddress {
  const address = context.accountOf(contact);
  if (address !== null) return address;
  const name = context.deps.people.nameOf(contact) ?? contact;
  throw fail('NO_ADDRESS', `It is not known which account is ${name}’s.`, {
    meaning: 'No offer was made: whoever had the link could have accepted it.',
    next: 'Ask them for the address of their account, and note it with them in your wallet. Then try again.',
  });
}
