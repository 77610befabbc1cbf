import { z } from 'zod';
import { chainRefSchema, unitsSchema } from '../../model/evm.ts';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { deal, withheld } from './parts.ts';
import { dealEventSchema, dealIdSchema, dealSchema, dealTokenSchema } from './shapes.ts';

/** Deals as they are: states, history and costs. */
export const dealsLookContract = {
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
