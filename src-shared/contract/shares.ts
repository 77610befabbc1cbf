import { z } from 'zod';
import { timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';
import { displayNameSchema, identityStatusSchema, passphraseSchema, wordSchema } from './identity.ts';
import { shareTextSchema } from './vault/recovery.ts';

const onlyHere = 'Shares of the recovery phrase are shown to and typed by a person only.';
const withheld = { assistant: onlyHere, mcp: onlyHere, peer: onlyHere } as const;

/** Words of a share of 32 bytes (SLIP-0039). */
export const shareWords = 33;
const set = z.string().min(1).max(64);
const number = z.number().int().min(1).max(16).describe('which of the shares, from 1');

const progressSchema = z.object({
  set,
  count: z.number().int(),
  threshold: z.number().int(),
  /** The share to be written down now; null when all are. */
  next: z.number().int().nullable(),
  /** Those that are not written down by then are forgotten. */
  expiresAt: timeSchema,
});
export type ShareProgress = z.infer<typeof progressSchema>;

/** The recovery phrase as shares for people one trusts (SLIP-0039): so many of them give it back, fewer say nothing. */
export const sharesContract = {
  'shares.status': method({
    kind: 'call',
    about: 'Tell whether shares of the recovery phrase were made.',
    input: z.object({}),
    output: z.object({
      /** The last set that was written down to its last share. */
      made: z.object({ at: timeSchema, count: z.number().int(), threshold: z.number().int() }).nullable(),
      /** A set that is being written down now. */
      open: progressSchema.nullable(),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'See whether there are shares of the recovery phrase',
    examples: [],
    withheld,
  }),
  'shares.make': method({
    kind: 'call',
    about: 'Make shares of the recovery phrase for people you trust; so many of them, together, give it back.',
    input: z
      .object({
        threshold: z.number().int().min(2).max(16).describe('how many are needed'),
        count: z.number().int().min(2).max(16).describe('how many are made'),
        passphrase: z.string().min(1).max(1024),
      })
      .refine((i) => i.threshold <= i.count, { path: ['threshold'], message: 'No more can be needed than there are.' }),
    output: progressSchema,
    errors: [
      'NO_IDENTITY',
      'KEYLESS',
      'WRONG_PASSPHRASE',
      'TOO_MANY_TRIES',
      'KEYSTORE_DAMAGED',
      'SECOND_FACTOR_MISSING',
    ],
    effect: 'admin',
    summary: (i) => `Make ${i.count} shares of the recovery phrase, any ${i.threshold} of which give it back`,
    examples: [],
    undo: { never: 'Shares that were given away stay good. Let those who have them destroy them.' },
    secret: ['passphrase'],
    withheld,
    positional: ['threshold', 'count'],
  }),
  'shares.show': method({
    kind: 'call',
    about: 'Show the next share, to be written down. One that was written down is never shown again.',
    input: z.object({ set, number }),
    output: z.object({
      words: z.array(z.string()).length(shareWords),
      /** Positions (from 0) of the three words to be typed back. */
      check: z
        .array(
          z
            .number()
            .int()
            .min(0)
            .max(shareWords - 1),
        )
        .length(3),
    }),
    errors: ['SHARES_GONE'],
    effect: 'admin',
    summary: (i) => `Show share ${i.number} of the recovery phrase`,
    examples: [],
    undo: { never: 'Words once seen cannot be unseen.' },
    withheld,
    positional: ['number'],
  }),
  'shares.written': method({
    kind: 'call',
    about: 'Prove that a share is written down, by typing three of its words; it is forgotten here then.',
    input: z.object({
      set,
      number,
      answers: z
        .array(
          z.object({
            index: z
              .number()
              .int()
              .min(0)
              .max(shareWords - 1),
            word: wordSchema,
          }),
        )
        .length(3),
    }),
    output: progressSchema,
    errors: ['SHARES_GONE', 'WORDS_WRONG'],
    effect: 'write',
    summary: (i) => `Confirm that share ${i.number} is written down`,
    examples: [],
    undo: { never: 'It only records that you have the share.' },
    secret: ['answers'],
    withheld,
    positional: ['number'],
  }),
  'shares.drop': method({
    kind: 'call',
    about: 'Stop writing shares down; those not written down yet are forgotten.',
    input: z.object({}),
    output: z.object({}),
    errors: [],
    effect: 'write',
    summary: () => 'Stop writing shares down',
    examples: [],
    undo: { never: 'Make a new set of shares.' },
    withheld,
    lessens: true,
  }),
  'shares.check': method({
    kind: 'call',
    about: 'Tell whether shares are in order and how many more are needed.',
    input: z.object({ shares: z.array(shareTextSchema).min(1).max(64) }),
    output: z.object({
      /** Of groups of shares: how many groups are needed. Hypha makes one. */
      groupsNeeded: z.number().int(),
      groups: z.array(z.object({ needed: z.number().int(), have: z.number().int() })),
      enough: z.boolean(),
    }),
    errors: ['BAD_SHARES'],
    effect: 'read',
    summary: () => 'See whether shares are enough',
    examples: [],
    secret: ['shares'],
    withheld,
  }),
  'shares.restore': method({
    kind: 'call',
    about: 'Restore your identity from shares of its recovery phrase, on this or a new computer.',
    input: z.object({
      name: displayNameSchema,
      shares: z.array(shareTextSchema).min(1).max(64),
      passphrase: passphraseSchema,
    }),
    output: identityStatusSchema,
    errors: ['ALREADY_EXISTS', 'BAD_SHARES', 'PHRASE_OF_ANOTHER'],
    effect: 'admin',
    summary: (i) => `Restore the identity "${i.name}" from shares of its recovery phrase`,
    examples: [],
    undo: { never: 'An identity stays until its data directory is deleted.' },
    secret: ['passphrase', 'shares'],
    withheld,
    positional: ['name'],
  }),
} as const;
