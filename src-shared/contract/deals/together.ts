import { z } from 'zod';
import { unitsSchema } from '../../model/evm.ts';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { deal, dealErrors, withheld } from './parts.ts';
import { amountTextSchema, dealSchema, proposalSchema } from './shapes.ts';

/** What both sides of a deal sign: refunds, settlements and receipts. */
export const dealsTogetherContract = {
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
} as const;
