import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema } from '../../model/evm.ts';
import { method } from '../../rpc/contract.ts';
import { chainErrors, dealErrors, withheld } from './parts.ts';
import { amountTextSchema, dealSchema, offerIdSchema, offerSchema, offerTextSchema } from './shapes.ts';

/** Offers: made, sent, looked at, accepted. */
export const dealsOffersContract = {
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
} as const;
