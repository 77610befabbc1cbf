import { z } from 'zod';
import { bytesCountSchema, placeIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './parts.ts';

export const upkeepPolicySchema = z.object({
  on: z.boolean().describe('read everything again by and by'),
  repair: z.boolean().describe('make lost pieces again without being asked'),
  spread: z.boolean().describe('move pieces to a place that was added'),
  days: z
    .number()
    .int()
    .min(1)
    .max(365)
    .describe('days in which this computer’s disks are read once; servers take three times as long'),
  serverDailyMiB: z.number().int().min(1).max(1_048_576).describe('read from each server in a day at most'),
  graceHours: z
    .number()
    .int()
    .min(1)
    .max(8760)
    .describe('hours that a place may be away before what it holds is made again elsewhere'),
});

const upkeepPlaceSchema = z.object({
  place: placeIdSchema,
  /** The reading of all that lies there that is going on, or was the last. */
  pass: z.object({
    startedAt: timeSchema,
    finishedAt: timeSchema.nullable(),
    done: bytesCountSchema,
    total: bytesCountSchema,
  }),
  /** What the last random samples showed, of a place on a server; null before the first. */
  audit: z.object({ at: timeSchema, asked: z.number().int(), lost: z.number().int() }).nullable(),
  /** How long it was seen away, ms; 0 when it is here. */
  away: z.number().int().nonnegative(),
  /** Away for longer than is waited: what lies there is made again elsewhere. */
  departed: z.boolean(),
  /** It said that it had what it had not: it takes new pieces only where there is no other place. */
  doubted: z.boolean(),
});

export const upkeepSchema = z.object({
  /** `busy`: it waits while something is stored or changed; `battery`: reading waits, repair does not. */
  state: z.enum(['off', 'locked', 'busy', 'battery', 'on']),
  policy: upkeepPolicySchema,
  /** When the piece that was not read for longest was read; null while some never was. */
  oldestAt: timeSchema.nullable(),
  /** Packs of files of which some piece was never read back. */
  neverChecked: z.number().int().nonnegative(),
  /** Packs of files in all. */
  packs: z.number().int().nonnegative(),
  /** Packs that wait to be mended, and those of them that could not be so far. */
  repairing: z.number().int().nonnegative(),
  stuck: z.number().int().nonnegative(),
  /** Pieces are being moved to a place that was added. */
  spreading: z.boolean(),
  /** Pieces since the vault was made here. */
  counts: z.object({
    checked: z.number().int(),
    rotten: z.number().int(),
    missing: z.number().int(),
    remade: z.number().int(),
    moved: z.number().int(),
    sampled: z.number().int(),
  }),
  places: z.array(upkeepPlaceSchema),
  /** What it did and found, newest first. `place` is left out where it is no single one, or one that is in use no more. */
  events: z.array(
    z.object({
      at: timeSchema,
      kind: z.enum(['found', 'remade', 'departed', 'returned', 'lied', 'spread']),
      place: placeIdSchema.optional(),
      count: z.number().int(),
    }),
  ),
});
export type Upkeep = z.infer<typeof upkeepSchema>;

/** What the vault does by itself so that nothing is lost. */
export const vaultUpkeepContract = {
  'vault.upkeep': method({
    kind: 'call',
    about:
      'Tell what the vault does by itself: how much was read again and when, what is being repaired, what it found.',
    input: z.object({}),
    output: upkeepSchema,
    errors: ['NO_VAULT'],
    effect: 'read',
    summary: () => 'See what the vault does by itself',
    examples: ['when were my files last checked', 'is anything being repaired'],
    withheld: notForPeers,
  }),
  'vault.configureUpkeep': method({
    kind: 'call',
    about: 'Say what the vault does by itself, and how much of it; what is left out stays.',
    input: upkeepPolicySchema.partial(),
    output: upkeepPolicySchema,
    errors: ['NO_VAULT'],
    effect: 'write',
    summary: () => 'Change what the vault does by itself',
    examples: [],
    undo: { method: 'vault.configureUpkeep' },
    withheld: notForPeers,
  }),
  'vault.audit': method({
    kind: 'task',
    about: 'Let places prove that they have what they say: ask each for blocks chosen by chance and compare them.',
    input: z.object({
      place: placeIdSchema.optional().describe('left out: all that are here'),
      samples: z.number().int().min(1).max(10_000).default(459),
    }),
    output: z.object({
      places: z.array(
        z.object({
          place: placeIdSchema,
          asked: z.number().int(),
          /** Pieces that were not there, or not right. */
          lost: z.number().int(),
          /** Samples that got no answer. */
          unanswered: z.number().int(),
        }),
      ),
      asked: z.number().int(),
      lost: z.number().int(),
    }),
    errors: ['NO_VAULT', 'NOT_FOUND'],
    effect: 'read',
    summary: (i) => (i.place ? `Let the place ${i.place} prove what it has` : 'Let all places prove what they have'),
    examples: ['do my places still have my files'],
    withheld: notForPeers,
    positional: ['place'],
  }),
} as const;
