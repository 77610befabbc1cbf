import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { approveCall, dealsCall, type Ground } from '../chain/escrow.ts';
import type { KeptOffer } from '../offers/shelf.ts';
import { type OfferBody, offerOf } from '../terms/link.ts';
import type { Acceptance } from '../terms/signed.ts';
import type { Plan, Step } from './acts.ts';

/* What is sent for each thing that is done with a deal, all of it before the first transaction is signed. */

type Hex = `0x${string}`;
type Base = Pick<Plan, 'chain' | 'from' | 'subject' | 'about' | 'kind'>;

const call = ({ venue }: Ground, name: string, args: readonly unknown[], about: string): Step => ({
  to: venue.deals,
  data: dealsCall(name, args),
  about,
});

/** Exactly the amount, then what takes it; where that is refused nothing stays allowed. */
function paying(ground: Ground, token: EvmAddress, amount: bigint, step: Step, base: Base, note?: unknown): Plan {
  const allow = (value: bigint, about: string): Step => ({
    to: token,
    data: approveCall(ground.venue.deals, value),
    about,
  });
  const steps = amount === 0n ? [step] : [allow(amount, `Allow the deposit of: ${base.about}`), step];
  const undo = amount === 0n ? [] : [allow(0n, `Take the allowance back of: ${base.about}`)];
  return { ...base, steps, undo, ...(note === undefined ? {} : { note }) };
}

/** What finishes an acceptance. */
export interface AcceptNote {
  readonly deal: Hash32;
  readonly offer: Hash32;
  readonly contact: string | null;
}

/** What tells the other side of an objection, in the tenant's words. */
export interface DisputeNote {
  readonly deal: Hash32;
  readonly reason: string;
  readonly contact: string | null;
}

export function accepting(
  ground: Ground,
  offer: KeptOffer,
  deal: Hash32,
  acceptance: Acceptance,
  signature: Hex,
  about: string,
): Plan {
  const signed: OfferBody = offer.body;
  const terms = offerOf(signed);
  const step = call(ground, 'agree', [terms, signed.signature, acceptance, signature], about);
  const base = { chain: ground.chain.ref, from: acceptance.tenant, subject: deal, about, kind: 'accept' };
  const note: AcceptNote = { deal, offer: offer.id, contact: offer.contact };
  return paying(ground, terms.token, acceptance.deposit, step, base, note);
}

export function toppingUp(
  ground: Ground,
  from: EvmAddress,
  token: EvmAddress,
  deal: Hash32,
  amount: bigint,
  about: string,
): Plan {
  const step = call(ground, 'topUp', [deal, amount], about);
  return paying(ground, token, amount, step, { chain: ground.chain.ref, from, subject: deal, about, kind: 'topUp' });
}

/** One transaction. */
export function single(
  ground: Ground,
  from: EvmAddress,
  kind: string,
  subject: string,
  args: readonly unknown[],
  about: string,
  note?: unknown,
): Plan {
  const steps = [call(ground, kind, args, about)];
  return {
    chain: ground.chain.ref,
    from,
    kind,
    subject,
    about,
    steps,
    undo: [],
    ...(note === undefined ? {} : { note }),
  };
}

/** Free what can be freed in each deal, then have all of it paid out. */
export function withdrawing(
  ground: Ground,
  from: EvmAddress,
  token: EvmAddress,
  deals: readonly Hash32[],
  about: string,
): Plan {
  const steps = [
    ...deals.map((deal) => call(ground, 'settle', [deal], `Account for a deal: ${deal}`)),
    call(ground, 'withdraw', [token], about),
  ];
  return {
    chain: ground.chain.ref,
    from,
    kind: 'withdraw',
    subject: `${ground.chain.ref} ${token.toLowerCase()}`,
    about,
    steps,
    undo: [],
  };
}
