import type { DealView } from '#shared/contract/deals.ts';
import { units } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Acts } from './acts/acts.ts';
import type { Book, KeptDeal } from './book/book.ts';
import { costOf, startedAt } from './book/cost.ts';
import type { Objections } from './book/objections.ts';
import { scan } from './book/scan.ts';
import { arbiterTime, type Escrow, groundOf, readEscrow } from './chain/escrow.ts';
import { type Context, inWords, timeOf } from './context.ts';
import type { OfferShelf } from './offers/shelf.ts';
import { termsView } from './offers/view.ts';
import type { Proposals } from './proposals/proposals.ts';

export interface Parts {
  readonly context: Context;
  readonly book: Book;
  readonly shelf: OfferShelf;
  readonly acts: Acts;
  readonly proposals: Proposals;
  readonly objections: Objections;
}

/** How long a chain has to say how a deal stands before what it said last is shown. */
const patienceMs = 5_000;

/** Ask the chain how a deal stands. @returns whether it answered in time */
export async function refresh({ context, book }: Pick<Parts, 'context' | 'book'>, deal: KeptDeal): Promise<boolean> {
  const { deps } = context;
  const late = new AbortController();
  const cancel = deps.host.setTimer(patienceMs, () => late.abort());
  const over = new Promise<false>((resolve) => late.signal.addEventListener('abort', () => resolve(false)));
  const look = async (): Promise<boolean> => {
    const ground = groundOf(deps.chains, deal.chain);
    for (const account of deps.accounts.list()) await scan(ground, book, account, late.signal);
    const escrow = await readEscrow(ground, deal.id);
    if (escrow === null) return false;
    book.see(deal.id, { escrow, token: await context.token(ground.chain, escrow.token) });
    return true;
  };
  try {
    return await Promise.race([look(), over]);
  } catch (error) {
    if (!isFail(error)) throw error;
    return false;
  } finally {
    cancel();
  }
}

/** @returns null for a deal that nothing was ever seen of */
export function dealView(parts: Parts, kept: KeptDeal, fresh: boolean): DealView | null {
  const { context, book, shelf } = parts;
  if (kept.seen === null) return null;
  const { escrow, token } = kept.seen;
  const events = book.events(kept.id);
  const offer = kept.offer === null ? null : shelf.get(kept.offer);
  // While locked nobody's accounts are known: whose the other side of a made offer is, is.
  const provides = context.isMine(escrow.provider) || (!context.isMine(escrow.tenant) && offer?.role === 'made');
  const late = escrow.state === 'agreed' && escrow.at > escrow.clock;
  const state = late ? 'late' : escrow.state === 'none' ? 'closed' : escrow.state;
  const ended = state === 'ended' || state === 'disputed' || state === 'closed';
  const objectUntil = escrow.stopAt + BigInt(escrow.window);
  const role = provides ? 'provider' : 'tenant';
  const moments = {
    startedAt: startedAt(events),
    startBy: escrow.state === 'agreed' ? timeOf(escrow.clock) : null,
    runsOutAt: escrow.state === 'active' ? timeOf(escrow.runsOutAt) : null,
    graceUntil: escrow.state === 'grace' ? timeOf(graceFrom(escrow) + BigInt(escrow.grace)) : null,
    endsAt: timeOf(escrow.stopAt),
    objectUntil: state === 'ended' && escrow.stopAt !== 0n && escrow.at < objectUntil ? timeOf(objectUntil) : null,
  };
  const can = possible(escrow, state, role);
  const objection = parts.objections.of(kept.id);
  // Whoever told of the deal named the offer: its text is the deal's only where the deal has its hash.
  const what = offer?.body.offer.spec === escrow.spec ? offer.body.what : null;
  return {
    ...{ id: kept.id, role, state },
    other: context.party(provides ? escrow.tenant : escrow.provider),
    terms: termsView(context, kept.chain, escrow, token, what),
    words: words(escrow, state, role, inWords(escrow.balance, token), moments),
    balance: units(ended ? 0n : escrow.balance),
    earned: units(escrow.earned),
    cost: units(costOf(events, escrow)),
    ...moments,
    objection: objection && { ...objection, amount: units(objection.amount) },
    can,
    acts: parts.acts.of(kept.id).map(({ id, about, state: how, why, position, steps, undo, at }) => ({
      ...{ id, about, why, startedAt: at },
      state: how === 'running' && why !== null ? 'waiting' : how,
      step: position,
      steps: how === 'undoing' ? undo.length : steps.length,
    })),
    proposals: parts.proposals.of(kept.id),
    asOf: timeOf(escrow.at) ?? 0,
    fresh,
  };
}

/** Since when it pauses: in grace the contract's clock stands where the deposit was used up, once it was touched. */
const graceFrom = ({ clock, balance, rate, since }: Escrow): bigint =>
  rate === 0n ? clock : clock + (since > 0n ? since / rate : 0n) + (balance >= rate ? balance / rate : 0n);

function possible(escrow: Escrow, state: DealView['state'], role: DealView['role']): string[] {
  const { at, stopAt, window, earned, disputedAt } = escrow;
  const runs = state === 'active' || state === 'grace';
  const objectable = runs || (state === 'ended' && at < stopAt + BigInt(window));
  const can: Record<string, boolean> = {
    'deals.start': role === 'provider' && state === 'agreed',
    'deals.topUp': role === 'tenant' && (runs || state === 'agreed' || state === 'late'),
    'deals.settle': runs || state === 'ended',
    'deals.end':
      role === 'tenant' ? runs || state === 'late' : state === 'agreed' || state === 'late' || (runs && stopAt === 0n),
    'deals.dispute': role === 'tenant' && objectable && earned > 0n && window > 0,
    'deals.propose': runs || ((state === 'ended' || state === 'disputed') && earned > 0n),
    'deals.report': role === 'provider' && (runs || state === 'ended'),
    'deals.resolveLate': state === 'disputed' && at >= disputedAt + arbiterTime,
  };
  return Object.keys(can).filter((name) => can[name] === true);
}

/** How an objection comes to its end. */
function outlook({ arbiter, disputedAt, at }: Escrow): string {
  const until = disputedAt + arbiterTime;
  if (at >= until) return 'Nobody decided in time: either of you can close it as the offer says.';
  const day = when(timeOf(until));
  return BigInt(arbiter) === 0n
    ? `Agree on how to share it; from ${day} on either of you can close it as the offer says.`
    : `Agree on how to share it, or ${arbiter} decides; from ${day} on either of you can close it as the offer says.`;
}

type Moments = Pick<DealView, 'runsOutAt' | 'startBy' | 'graceUntil' | 'endsAt' | 'objectUntil'>;

const when = (ms: number | null): string =>
  ms === null ? 'some time' : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function words(
  escrow: Escrow,
  state: DealView['state'],
  role: DealView['role'],
  balance: string,
  moments: Moments,
): string {
  const provider = role === 'provider';
  const stops = escrow.stopAt !== 0n ? ` It ends at ${when(moments.endsAt)}: notice was given.` : '';
  switch (state) {
    case 'agreed':
      return provider
        ? `It is agreed and paid for. Start it by ${when(moments.startBy)}.`
        : `It is agreed, and your deposit is there. The provider starts it by ${when(moments.startBy)}.`;
    case 'late':
      return provider
        ? 'The time to start it is over. Either of you can end it, and the deposit goes back.'
        : 'The provider did not start it in time. End it to get your deposit back.';
    case 'active':
      return `It runs. ${escrow.rate === 0n ? 'It costs nothing.' : `Its deposit of ${balance} lasts until ${when(moments.runsOutAt)}.`}${stops}`;
    case 'grace':
      return provider
        ? `Its deposit is used up and nothing is earned. It goes on if the tenant adds to it by ${when(moments.graceUntil)}.${stops}`
        : `Its deposit is used up, and it pauses. Add to it by ${when(moments.graceUntil)}, or it ends.${stops}`;
    case 'ended':
      if (escrow.earned === 0n) return 'It has ended, and nothing is held any more.';
      return moments.objectUntil === null
        ? `It has ended.${provider ? ' Account for it to have the rest of your pay freed.' : ''}`
        : `It has ended. ${provider ? 'The last pay is freed at' : 'You can object to the last pay until'} ${when(moments.objectUntil)}.`;
    case 'disputed':
      return provider
        ? `The tenant objected to the last pay. ${outlook(escrow)}`
        : `You objected to the last pay. ${outlook(escrow)}`;
    case 'closed':
      return 'It is over, and everything of it was handed out.';
  }
}
