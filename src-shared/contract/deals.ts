import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema, unitsSchema } from '../model/evm.ts';
import { timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';
import {
  amountTextSchema,
  dealEventSchema,
  dealIdSchema,
  dealSchema,
  dealTokenSchema,
  offerIdSchema,
  offerSchema,
  offerTextSchema,
  proposalSchema,
} from './deals/shapes.ts';

export type { DealView, OfferView, ProposalView } from './deals/shapes.ts';

const notForPeers = 'What you agreed with somebody is nobody else’s business.';
const withheld = { peer: notForPeers };
/** What asking a chain can come to. */
const chainErrors = ['CHAIN_UNKNOWN', 'CHAIN_UNREACHABLE', 'CHAIN_WRONG', 'CHAIN_RESTS', 'CHAIN_SAID'] as const;
/** What sending to one can. */
const sendErrors = [...chainErrors, 'KEYLESS', 'CALL_REFUSED', 'MONEY_SHORT', 'TX_LOST', 'ACT_FAILED'] as const;
const dealErrors = ['NOT_FOUND', 'NOT_PARTY', 'WRONG_STATE', ...sendErrors] as const;
const onceSent = 'What is on a chain stays there.';
const deal = dealIdSchema.describe('the deal’s id');

export const dealsContract = {
  'deals.offer': method({
    kind: 'call',
    about: 'Offer to provide something at a price by time; to one contact, or to whoever has the link.',
    input: z.object({
      chain: chainRefSchema,
      /** A contact by name, label or id; left out: whoever accepts first. */
      to: z.string().trim().min(1).max(200).optional(),
      /** What is to run, in your words; its hash stands in the deal. */
      what: z.string().trim().min(1, 'Say what you offer.').max(8_000),
      /** Of the token, for the time of `per`. */
      price: amountTextSchema,
      per: z.enum(['hour', 'day', 'month']).default('month'),
      /** Contract of the token; the credits of the ledger unless given. */
      token: evmAddressSchema.optional(),
      minDeposit: amountTextSchema.optional().describe('what it costs for one day unless given'),
      grace: z
        .number()
        .int()
        .min(0)
        .max(90 * 86_400)
        .default(3 * 86_400)
        .describe('seconds'),
      window: z
        .number()
        .int()
        .min(0)
        .max(30 * 86_400)
        .default(86_400)
        .describe('seconds'),
      notice: z
        .number()
        .int()
        .min(0)
        .max(90 * 86_400)
        .default(7 * 86_400)
        .describe('seconds'),
      startWithin: z
        .number()
        .int()
        .min(60)
        .max(30 * 86_400)
        .default(86_400)
        .describe('seconds'),
      arbiter: evmAddressSchema.optional(),
      fallbackShare: z.number().int().min(0).max(10_000).default(5_000).describe('ten-thousandths'),
      node: hash32Schema.optional(),
      whole: z.boolean().default(false),
      times: z.number().int().min(1).max(1_000_000).default(1),
      /** Seconds that it can be accepted. */
      validFor: z
        .number()
        .int()
        .min(60)
        .max(366 * 86_400)
        .default(7 * 86_400),
    }),
    output: offerSchema,
    errors: [
      ...chainErrors,
      'KEYLESS',
      'NOT_FOUND',
      'NO_ADDRESS',
      'NO_CONTRACTS',
      'NO_TOKEN',
      'AMOUNT_WRONG',
      'PRICE_TOO_FINE',
      'TERMS_WRONG',
    ],
    effect: 'share',
    summary: (i) =>
      `Offer ${i.to === undefined ? 'whoever has the link' : `“${i.to}”`} for ${i.price} ${i.per === 'hour' ? 'an' : 'a'} ${i.per}: ${i.what.slice(0, 80)}`,
    examples: ['offer {to} {what} for {price}'],
    undo: { method: 'deals.takeBack' },
    withheld,
    positional: ['chain', 'what', 'price'],
  }),
  'deals.offers': method({
    kind: 'call',
    about: 'List the offers you made and those made to you.',
    input: z.object({ role: z.enum(['made', 'received']).optional() }),
    output: z.object({ offers: z.array(offerSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List offers',
    examples: ['which offers are there'],
    withheld,
  }),
  'deals.look': method({
    kind: 'call',
    about: 'Read an offer and check everything that can be checked of it, without accepting it.',
    input: z.object({ offer: offerTextSchema }),
    output: offerSchema,
    errors: ['OFFER_INVALID', 'NOT_FOUND', ...chainErrors],
    effect: 'read',
    summary: () => 'Read an offer',
    examples: [],
    withheld,
    positional: ['offer'],
  }),
  'deals.takeBack': method({
    kind: 'task',
    about: 'Take an offer of yours back: no more deals are made of it. Those that were made stay.',
    input: z.object({ offer: offerIdSchema }),
    output: offerSchema,
    errors: dealErrors,
    effect: 'write',
    summary: (i) => `Take back the offer ${i.offer}`,
    examples: [],
    undo: { never: 'Make a new offer.' },
    withheld,
    positional: ['offer'],
  }),
  'deals.dismiss': method({
    kind: 'call',
    about: 'Put an offer that was made to you off the list.',
    input: z.object({ offer: offerIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Put the offer ${i.offer} off the list`,
    examples: [],
    undo: { never: 'Ask for the offer again, or open its link.' },
    withheld,
    positional: ['offer'],
  }),
  'deals.accept': method({
    kind: 'task',
    about:
      'Accept an offer and pay its deposit, which the provider earns by the second. What is not earned comes back.',
    input: z.object({
      offer: offerTextSchema,
      deposit: amountTextSchema,
    }),
    output: dealSchema,
    errors: ['OFFER_INVALID', 'OFFER_OVER', 'DEPOSIT_SMALL', 'AMOUNT_WRONG', 'NO_CONTRACTS', ...dealErrors],
    effect: 'spend',
    summary: (i) =>
      `Accept ${i.offer.length < 80 ? `the offer ${i.offer}` : 'an offer'} with a deposit of ${i.deposit}`,
    examples: ['accept {offer} with {deposit}'],
    undo: { never: 'What you paid is the deal’s. End the deal, and what was not earned comes back to you.' },
    withheld,
    positional: ['offer', 'deposit'],
  }),
  'deals.start': method({
    kind: 'task',
    about: 'Say that you started what was agreed on; from then on you earn.',
    input: z.object({ deal }),
    output: dealSchema,
    errors: dealErrors,
    effect: 'deploy',
    summary: (i) => `Start the deal ${i.deal}`,
    examples: [],
    undo: { never: `${onceSent} You can end the deal with its notice.` },
    withheld,
    positional: ['deal'],
  }),
  'deals.topUp': method({
    kind: 'task',
    about: 'Add to the deposit of a deal, so that it runs on.',
    input: z.object({ deal, amount: amountTextSchema }),
    output: dealSchema,
    errors: ['AMOUNT_WRONG', ...dealErrors],
    effect: 'spend',
    summary: (i) => `Add ${i.amount} to the deposit of the deal ${i.deal}`,
    examples: ['add {amount} to {deal}'],
    undo: { never: 'End the deal, and what was not earned comes back to you.' },
    withheld,
    positional: ['deal', 'amount'],
  }),
  'deals.settle': method({
    kind: 'task',
    about: 'Account for the time that passed in a deal, and free for its provider what nobody can object to any more.',
    input: z.object({ deal }),
    output: dealSchema,
    errors: dealErrors,
    effect: 'write',
    summary: (i) => `Account for the deal ${i.deal}`,
    examples: [],
    undo: { never: 'It only moves what was earned already.' },
    withheld,
    positional: ['deal'],
  }),
  'deals.withdraw': method({
    kind: 'task',
    about: 'Have paid out to you what is yours: what you earned, and what came back of your deposits.',
    input: z.object({
      chain: chainRefSchema,
      /** Contract of the token; the credits of the ledger unless given. */
      token: evmAddressSchema.optional(),
    }),
    output: z.object({ token: dealTokenSchema, paid: unitsSchema }),
    errors: ['NOTHING_OWED', 'NO_CONTRACTS', 'NO_TOKEN', ...dealErrors],
    effect: 'write',
    summary: (i) => `Have paid out what deals owe you on ${i.chain}`,
    examples: ['pay out what I earned'],
    undo: { never: 'It only moves what is yours to your own account.' },
    withheld,
    positional: ['chain'],
  }),
  'deals.end': method({
    kind: 'task',
    about: 'End a deal: at once as its tenant, after the agreed notice as its provider.',
    input: z.object({ deal }),
    output: dealSchema,
    errors: dealErrors,
    effect: 'delete',
    summary: (i) => `End the deal ${i.deal}`,
    examples: ['end {deal}'],
    undo: { never: `${onceSent} A new deal needs a new offer.` },
    withheld,
    positional: ['deal'],
  }),
  'deals.dispute': method({
    kind: 'task',
    about:
      'Object to the last pay of a deal of yours, up to its window. The deal ends by that, and that pay waits for a decision.',
    input: z.object({
      deal,
      reason: z.string().trim().min(1, 'Say what was wrong.').max(4_000),
    }),
    output: dealSchema,
    errors: dealErrors,
    effect: 'delete',
    summary: (i) => `Object to the pay of the deal ${i.deal}, which ends it: ${i.reason.slice(0, 100)}`,
    examples: [],
    undo: { never: 'Agree on how to share what is objected to, which settles it.' },
    withheld,
    positional: ['deal', 'reason'],
  }),
  'deals.propose': method({
    kind: 'call',
    about:
      'Sign how much of what was earned goes back to the tenant, or how what is objected to is shared, for the other to sign too.',
    input: z.object({
      deal,
      kind: z.enum(['refund', 'settlement']),
      /** A refund: what goes back to the tenant. A settlement: what the provider gets; the tenant gets the rest. */
      amount: amountTextSchema,
    }),
    output: z.object({ proposal: proposalSchema, link: z.string() }),
    errors: ['AMOUNT_WRONG', 'AMOUNT_TOO_MUCH', ...dealErrors],
    effect: 'spend',
    summary: (i) =>
      i.kind === 'refund'
        ? `Sign that ${i.amount} of the deal ${i.deal} goes back to its tenant`
        : `Sign that the provider of the deal ${i.deal} gets ${i.amount} of what is objected to`,
    examples: [],
    undo: { never: 'A signature that was given away stays good until the other uses it.' },
    withheld,
    positional: ['deal', 'kind', 'amount'],
  }),
  'deals.report': method({
    kind: 'call',
    about: 'Sign, as provider, how long a service was up in a time and what it moved, for the tenant to sign too.',
    input: z.object({
      deal,
      from: timeSchema,
      until: timeSchema,
      upSeconds: z.number().int().min(0),
      /** Bytes of traffic. */
      bytes: unitsSchema.optional(),
    }),
    output: z.object({ proposal: proposalSchema, link: z.string() }),
    errors: ['RECEIPT_WRONG', ...dealErrors],
    effect: 'share',
    summary: (i) => `Sign a receipt of ${i.upSeconds} seconds of service for the deal ${i.deal}`,
    examples: [],
    undo: { never: 'A signature that was given away stays good.' },
    withheld,
  }),
  'deals.confirm': method({
    kind: 'task',
    about: 'Sign too what the other party of a deal signed; where money is moved by it, it is handed in.',
    input: z.object({
      /** Its id, or its link. */
      proposal: z.string().trim().min(1).max(64_000),
    }),
    output: z.object({ proposal: proposalSchema, deal: dealSchema }),
    errors: ['PROPOSAL_INVALID', ...dealErrors],
    effect: 'spend',
    summary: (i) => `Sign ${i.proposal.length < 80 ? `the proposal ${i.proposal}` : 'a proposal'} too`,
    examples: [],
    undo: { never: 'What both signed holds.' },
    withheld,
    positional: ['proposal'],
  }),
  'deals.decline': method({
    kind: 'call',
    about: 'Answer that you do not sign what the other party proposed.',
    input: z.object({ proposal: z.string().trim().min(1).max(200) }),
    output: proposalSchema,
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Decline the proposal ${i.proposal}`,
    examples: [],
    undo: { never: 'The other can propose it again.' },
    withheld,
    positional: ['proposal'],
  }),
  'deals.resolveLate': method({
    kind: 'task',
    about: 'Close an objection that nobody decided in time, as the offer said for that.',
    input: z.object({ deal }),
    output: dealSchema,
    errors: dealErrors,
    effect: 'write',
    summary: (i) => `Close the objection to the deal ${i.deal} as its offer says`,
    examples: [],
    undo: { never: onceSent },
    withheld,
    positional: ['deal'],
  }),
  'deals.list': method({
    kind: 'call',
    about: 'List your deals, as tenant and as provider, with what each cost until now and when its deposit runs out.',
    input: z.object({
      role: z.enum(['tenant', 'provider']).optional(),
      /** Those that are closed too. */
      closed: z.boolean().default(false),
    }),
    output: z.object({ deals: z.array(dealSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List your deals',
    examples: ['which deals do I have', 'what runs out soon'],
    withheld,
  }),
  'deals.get': method({
    kind: 'call',
    about: 'Tell everything about one deal.',
    input: z.object({ deal }),
    output: dealSchema,
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Look at the deal ${i.deal}`,
    examples: [],
    withheld,
    positional: ['deal'],
  }),
  'deals.history': method({
    kind: 'call',
    about: 'Tell what happened in a deal, each with its transaction.',
    input: z.object({ deal }),
    output: z.object({ events: z.array(dealEventSchema) }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Look at the history of the deal ${i.deal}`,
    examples: [],
    withheld,
    positional: ['deal'],
  }),
  'deals.costs': method({
    kind: 'call',
    about: 'Tell what burns money now, what comes in, and what runs out when; for each token by itself.',
    input: z.object({}),
    output: z.object({
      tokens: z.array(
        z.object({
          chain: chainRefSchema,
          chainName: z.string().nullable(),
          token: dealTokenSchema,
          /** What running deals cost you and earn you a day. */
          outADay: unitsSchema,
          inADay: unitsSchema,
          /** Your deposits that are not earned yet. */
          deposits: unitsSchema,
          /** Cost until now of all your deals as tenant. */
          spent: unitsSchema,
          /** Yours to be paid out; null while the chain does not answer. */
          owed: unitsSchema.nullable(),
          /** The running deal of yours that runs out first. */
          next: z.object({ deal: dealIdSchema, at: timeSchema }).nullable(),
        }),
      ),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'Look at what costs money now',
    examples: ['what costs me money', 'when does my money run out'],
    withheld,
  }),
} as const;
