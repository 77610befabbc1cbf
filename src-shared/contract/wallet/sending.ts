import { z } from 'zod';
import { amountSchema } from '../../model/amount-schema.ts';
import { chainRefSchema, evmAddressSchema, hash32Schema, hexBytesSchema, unitsSchema } from '../../model/evm.ts';
import { contactIdSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './accounts.ts';
import { chainErrors, sumSchema, tokenSchema } from './money.ts';
import { movementSchema } from './movements.ts';

/** What people write that is kept beside a movement, here and nowhere else. */
const noteSchema = z
  .string()
  .trim()
  .max(200)
  .refine((text) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), 'Write it in one line.');

const speedSchema = z.enum(['slow', 'normal', 'fast']);

const what = {
  to: z.string().trim().min(1, 'Say who gets it.').max(128).describe('a contact, or an address'),
  amount: amountSchema.describe('how much, for example 1.5'),
  token: z.string().trim().min(1).max(64).describe('its symbol, or the address of its contract'),
  chain: chainRefSchema.optional().describe('which chain, where the token is on more than one'),
  account: evmAddressSchema.optional().describe('from which account; the main one unless given'),
};

const feeLimit = amountSchema.optional().describe('what the transaction may cost at most, in the chain’s coin');

const sendErrors = [
  ...chainErrors,
  'NOT_FOUND',
  'NO_IDENTITY',
  'KEYLESS',
  'NO_ADDRESS',
  'BAD_RECIPIENT',
  'BAD_CHECKSUM',
  'BAD_AMOUNT',
  'TOKEN_UNKNOWN',
  'TOKEN_UNCLEAR',
  'TOKEN_CHANGED',
  'WATCH_ONLY',
  'MONEY_SHORT',
  'FEE_HIGH',
  'CALL_REFUSED',
] as const;

export const feeChoiceSchema = z.object({
  speed: speedSchema,
  /** What it costs at most. */
  most: sumSchema,
  /** For each gas, in the coin’s smallest unit. */
  maxFee: unitsSchema,
});

const movementRef = hash32Schema.describe('the hash of a movement that waits');

export const walletSendingContract = {
  'wallet.quote': method({
    kind: 'call',
    about: 'Say what sending money would do and cost, without sending it.',
    input: z.object(what),
    output: z.object({
      chain: chainRefSchema,
      from: evmAddressSchema,
      to: z.object({ address: evmAddressSchema, contact: contactIdSchema.nullable(), name: z.string().nullable() }),
      token: tokenSchema,
      sum: sumSchema,
      /** What is left of it afterwards, without the fee. */
      left: sumSchema,
      /** Empty where transactions cost nothing. */
      fees: z.array(feeChoiceSchema),
      gas: unitsSchema,
      /** The call itself, for a review. */
      call: z.object({ from: evmAddressSchema, to: evmAddressSchema, data: hexBytesSchema, value: unitsSchema }),
    }),
    errors: sendErrors,
    effect: 'read',
    summary: (i) => `See what sending ${i.amount} ${i.token} to ${i.to} would cost`,
    examples: [],
    withheld: { peer: notForPeers },
    positional: ['to', 'amount', 'token'],
  }),
  'wallet.send': method({
    kind: 'call',
    about: 'Send money to a contact or an address.',
    input: z.object({
      ...what,
      speed: speedSchema.default('normal').describe('a faster one costs more'),
      feeLimit,
      note: noteSchema.optional().describe('for your own list of movements; nobody else sees it'),
      /** The same word again sends nothing a second time: for whoever is not sure that the first call arrived. */
      once: z.string().min(8).max(64).optional(),
    }),
    output: z.object({ movement: movementSchema }),
    errors: [...sendErrors, 'TX_LOST'],
    effect: 'spend',
    summary: (i) => `Send ${i.amount} ${i.token} to ${i.to}${i.account === undefined ? '' : ` from ${i.account}`}`,
    examples: ['send {amount} {token} to {to}', 'pay {to} {amount} {token}'],
    undo: { never: 'Money that arrived is the other person’s. While it waits you can take it back.' },
    withheld: { peer: notForPeers },
    positional: ['to', 'amount', 'token'],
  }),
  'wallet.hasten': method({
    kind: 'call',
    about: 'Offer a higher fee for a transaction that waits, so that it is made sooner.',
    input: z.object({ movement: movementRef, speed: speedSchema.default('fast'), feeLimit }),
    output: z.object({ movement: movementSchema }),
    errors: [
      ...chainErrors,
      'NOT_FOUND',
      'WATCH_ONLY',
      'TX_SETTLED',
      'MONEY_SHORT',
      'FEE_HIGH',
      'CALL_REFUSED',
      'TX_LOST',
    ],
    effect: 'spend',
    summary: (i) => `Pay a higher fee for the transaction ${i.movement}`,
    examples: [],
    undo: { never: 'What was offered for it can only be raised.' },
    withheld: { peer: notForPeers },
    positional: ['movement'],
  }),
  'wallet.takeBack': method({
    kind: 'call',
    about: 'Put an empty transaction in the place of one that waits, so that it is never made. It may be too late.',
    input: z.object({ movement: movementRef, speed: speedSchema.default('fast'), feeLimit }),
    output: z.object({ movement: movementSchema }),
    errors: [
      ...chainErrors,
      'NOT_FOUND',
      'WATCH_ONLY',
      'TX_SETTLED',
      'MONEY_SHORT',
      'FEE_HIGH',
      'CALL_REFUSED',
      'TX_LOST',
    ],
    effect: 'spend',
    summary: (i) => `Take back the transaction ${i.movement}`,
    examples: [],
    undo: { never: 'Send it again.' },
    withheld: { peer: notForPeers },
    positional: ['movement'],
  }),
} as const;
