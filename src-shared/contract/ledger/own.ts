import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema, unitsSchema } from '../../model/evm.ts';
import { bytesCountSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { displayNameSchema } from '../identity.ts';

export const notForPeers = 'What your ledger holds is told to those you share it with, in a way of its own.';

const symbolSchema = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z][A-Z0-9]{2,9}$/, 'Use three to ten letters and digits, a letter first.');

/** A sum of credits: whole units for programs, and as people write it. */
export const creditsSumSchema = z.object({
  units: unitsSchema,
  /** A decimal number, `12.5`. */
  amount: z.string(),
});

/** The person’s own ledger. */
export const ownLedgerSchema = z.object({
  /**
   * `open` it answers; `opening` its contracts are being put, which goes on by itself once you are unlocked; `starting` it will answer in a moment;
   * `broken` it cannot be opened, `problem` says why.
   */
  state: z.enum(['open', 'opening', 'starting', 'broken']),
  problem: z.object({ text: z.string(), next: z.string() }).nullable(),
  /** Null until its first block is made. */
  chain: chainRefSchema.nullable(),
  genesis: hash32Schema.nullable(),
  /** Your account that runs it: it issues the credits, and nobody else can. */
  operator: evmAddressSchema,
  /** Of the credits that you issue there. */
  name: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
  openedAt: timeSchema,
  contracts: z
    .object({
      deals: evmAddressSchema,
      nodes: evmAddressSchema,
      names: evmAddressSchema,
      attestations: evmAddressSchema,
      credits: evmAddressSchema,
    })
    .nullable(),
  /** How many times it was put back from an older state. Whoever deals there is asked before anything goes on. */
  incarnation: z.number().int().nonnegative(),
  /** Null while it does not answer. */
  newest: z.object({ number: z.number().int(), hash: hash32Schema, at: timeSchema }).nullable(),
  transactions: z.number().int().nullable(),
  bytes: bytesCountSchema.nullable(),
  /** When it was kept elsewhere last, and up to which block; null where it never was. */
  backup: z.object({ at: timeSchema, number: z.number().int() }).nullable(),
  /** Credits that others and you hold: what you owe. Null while it does not answer. */
  outstanding: creditsSumSchema.nullable(),
});
export type OwnLedger = z.infer<typeof ownLedgerSchema>;

export const ledgerOwnContract = {
  'ledger.status': method({
    kind: 'call',
    about: 'Tell about your own ledger: what it holds, and what it does and does not protect from.',
    input: z.object({}),
    output: z.object({
      /** Null while you have none. */
      own: ownLedgerSchema.nullable(),
      /** In plain words. */
      protects: z.array(z.string()),
      protectsNot: z.array(z.string()),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'See your ledger',
    examples: ['show my ledger', 'how many credits have I issued'],
    withheld: { peer: notForPeers },
  }),
  'ledger.open': method({
    kind: 'task',
    about:
      'Open a ledger of your own: credits that you issue, contracts, names and attestations, all on this computer.',
    input: z.object({
      /** Three to ten letters and digits that stand behind amounts. Never that of money which others issue. */
      symbol: symbolSchema,
      /** Of the credits; “Credits issued by” and your name unless given. */
      name: displayNameSchema
        .refine((text) => new TextEncoder().encode(text).length <= 31, 'Use a shorter name: at most 31 letters.')
        .optional(),
    }),
    output: ownLedgerSchema,
    errors: [
      'NAME_RESERVED',
      'LEDGER_EXISTS',
      'LEDGER_BROKEN',
      'CHAIN_UNREACHABLE',
      'CHAIN_SAID',
      'CALL_REFUSED',
      'TX_LOST',
    ],
    effect: 'write',
    summary: (i) =>
      `Open your own ledger with credits called ${i.name === undefined ? '' : `“${i.name}”, `}${i.symbol}`,
    examples: ['open my own ledger with credits called {symbol}'],
    undo: { never: 'A ledger stays, because others may hold its credits.' },
    withheld: { peer: notForPeers },
    positional: ['symbol', 'name'],
  }),
  'ledger.verify': method({
    kind: 'task',
    about: 'Execute everything on your ledger again from its first block, and compare each block with what is kept.',
    input: z.object({}),
    output: z.object({
      blocks: z.number().int(),
      transactions: z.number().int(),
      /** The first block that is not what its transactions make of the one before; null when all are. */
      wrong: z.object({ block: z.number().int(), why: z.string() }).nullable(),
    }),
    errors: ['NO_LEDGER', 'CHAIN_UNREACHABLE', 'LEDGER_BROKEN'],
    effect: 'read',
    summary: () => 'Check your whole ledger',
    examples: ['check my ledger', 'verify my ledger'],
    withheld: { peer: notForPeers },
  }),
} as const;
