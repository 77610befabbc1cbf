import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema } from '../../model/evm.ts';
import { timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { creditsSumSchema, notForPeers } from './own.ts';

const amountSchema = z
  .string()
  .trim()
  .regex(/^\d{1,30}(?:\.\d{1,6})?$/, 'Give an amount like 12 or 12.5, with at most six digits after the point.');
const memoSchema = z
  .string()
  .trim()
  .min(1, 'Say what for.')
  .max(280)
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), 'Leave out invisible characters.');

/** Credits that were issued or given back, and what for. */
export const creditActSchema = z.object({
  kind: z.enum(['issue', 'redeem']),
  /** `sending` it is not known yet; `done` it happened; `failed` it did not and will not. */
  state: z.enum(['sending', 'done', 'failed']),
  chain: chainRefSchema,
  /** Whom they were issued to, or who gave them back. */
  who: evmAddressSchema,
  sum: creditsSumSchema,
  symbol: z.string(),
  /** Null where it was not made on this device: the chain keeps its hash only. */
  memo: z.string().nullable(),
  /** SHA-256 of the record. */
  record: hash32Schema,
  /** The record itself, to show to whom it concerns: its SHA-256 is what the chain keeps. Null where it is not here. */
  text: z.string().nullable(),
  tx: hash32Schema.nullable(),
  block: z.number().int().nullable(),
  at: timeSchema.nullable(),
});
export type CreditAct = z.infer<typeof creditActSchema>;

const actErrors = [
  'NO_LEDGER',
  'LEDGER_BROKEN',
  'NOT_FOUND',
  'BAD_AMOUNT',
  'CALL_REFUSED',
  'MONEY_SHORT',
  'TX_LOST',
  'ACT_PENDING',
  'CHAIN_UNREACHABLE',
  'CHAIN_WRONG',
  'CHAIN_RESTS',
  'CHAIN_SAID',
] as const;

export const ledgerCreditsContract = {
  'ledger.issue': method({
    kind: 'call',
    about: 'Issue credits: your promise to whoever holds them. What for is kept, and its hash stays on the ledger.',
    input: z.object({
      /** A decimal number, `12.5`. */
      amount: amountSchema,
      /** What for; kept on this device, and shown to nobody by itself. */
      memo: memoSchema,
      /** Your own main account unless given. */
      to: evmAddressSchema.optional(),
    }),
    output: creditActSchema,
    errors: actErrors,
    effect: 'spend',
    summary: (i) => `Issue ${i.amount} of your credits to ${i.to ?? 'yourself'}: ${i.memo}`,
    examples: ['issue {amount} credits for {memo}'],
    undo: { never: 'Whoever holds credits keeps them; they can be given back by their holder.' },
    withheld: { peer: notForPeers },
    positional: ['amount', 'memo', 'to'],
  }),
  'ledger.redeem': method({
    kind: 'call',
    about: 'Give credits back to who issued them, for what they stood for. They are gone then.',
    input: z.object({
      amount: amountSchema,
      /** What you got for them. */
      memo: memoSchema,
      /** Whose credits, by the chain they are on; your own ledger unless given. */
      chain: chainRefSchema.optional(),
    }),
    output: creditActSchema,
    errors: actErrors,
    effect: 'spend',
    summary: (i) => `Give back ${i.amount} credits of ${i.chain ?? 'your own ledger'}: ${i.memo}`,
    examples: ['give back {amount} credits for {memo}'],
    undo: { never: 'Credits that were given back are gone; their issuer can issue others.' },
    withheld: { peer: notForPeers },
    positional: ['amount', 'memo', 'chain'],
  }),
  'ledger.issued': method({
    kind: 'call',
    about: 'List the credits that were issued on your ledger, and those that were given back, newest first.',
    input: z.object({
      limit: z.number().int().min(1).max(500).default(100),
      /** What the answer before gave as `next`: what comes after it. */
      before: z.number().int().positive().optional(),
    }),
    output: z.object({
      acts: z.array(creditActSchema),
      /** Block to go on before; null at the end. */
      next: z.number().int().nullable(),
    }),
    errors: ['NO_LEDGER', 'LEDGER_BROKEN', 'CHAIN_UNREACHABLE', 'CHAIN_SAID'],
    effect: 'read',
    summary: () => 'List the credits that were issued',
    examples: ['which credits have I issued'],
    withheld: { peer: notForPeers },
  }),
} as const;
