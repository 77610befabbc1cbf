import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema } from '../../model/evm.ts';
import { contactIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './accounts.ts';
import { sumSchema } from './money.ts';

export const movementSchema = z.object({
  id: z.string(),
  hash: hash32Schema,
  chain: chainRefSchema,
  chainName: z.string(),
  account: evmAddressSchema,
  /** By the chain’s clock once it is in a block, by this computer’s before. */
  at: timeSchema,
  /** `out` and `in` move money; `none` did something else. */
  direction: z.enum(['out', 'in', 'none']),
  /** Null where no money moved by itself. */
  sum: sumSchema.nullable(),
  /** Of the token; null for the chain’s coin, and where no money moved. */
  token: evmAddressSchema.nullable(),
  /** Who is on the other side; null where nobody is. */
  other: z
    .object({ address: evmAddressSchema, contact: contactIdSchema.nullable(), name: z.string().nullable() })
    .nullable(),
  /** One line: `Sent 5 CREDITS to Ann`. */
  words: z.string(),
  note: z.string().nullable(),
  /**
   * `sending` signed, and not known whether the chain has it; `waiting` in no block; `included` in a block, with fewer after it than its chain
   * asks for; `done`; `failed` in a block, without effect; `refused` the chain did not take it; `replaced` by a faster one or taken back;
   * `lost` another transaction of the account, which is not from here, took its place.
   */
  state: z.enum(['sending', 'waiting', 'included', 'done', 'failed', 'refused', 'replaced', 'lost']),
  block: z.number().int().nonnegative().nullable(),
  /** What was paid for it, or what may be paid at most while it waits; null where nothing is, or somebody else paid. */
  fee: sumSchema.nullable(),
  /** It waits: it can be made faster or taken back. */
  open: z.boolean(),
});
export type Movement = z.infer<typeof movementSchema>;

export const movementLimitSchema = z.object({
  chain: chainRefSchema,
  chainName: z.string(),
  /** In plain words: since when movements are seen there, and which are not. */
  text: z.string(),
  /** Looked through so far, of the blocks there are; null before the first answer. */
  seenTo: z.number().int().nonnegative().nullable(),
});

export const walletMovementsContract = {
  'wallet.movements': method({
    kind: 'call',
    about: 'List what was sent and what came, newest first.',
    input: z.object({
      account: evmAddressSchema.optional(),
      chain: chainRefSchema.optional(),
      /** Those before this one: `next` of the page before. */
      before: z.string().max(200).optional(),
      limit: z.number().int().min(1).max(500).default(50),
    }),
    output: z.object({
      movements: z.array(movementSchema),
      /** Ask on with it as `before`; null at the end. */
      next: z.string().nullable(),
      /** What the list cannot show. */
      limits: z.array(movementLimitSchema),
    }),
    errors: ['NOT_FOUND', 'BAD_CURSOR'],
    effect: 'read',
    summary: () => 'List your movements',
    examples: ['what did I spend', 'show my payments'],
    withheld: { peer: notForPeers },
  }),
  'wallet.exportMovements': method({
    kind: 'call',
    about: 'Give all movements out as a table (CSV) for a spreadsheet or a tax adviser.',
    input: z.object({ account: evmAddressSchema.optional(), chain: chainRefSchema.optional() }),
    output: z.object({
      csv: z.string(),
      rows: z.number().int().nonnegative(),
      /** There are more than are given out at once: the oldest are left out. */
      more: z.boolean(),
    }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: () => 'Export your movements',
    examples: ['export my payments'],
    withheld: { peer: notForPeers },
  }),
} as const;
