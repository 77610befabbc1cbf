import { z } from 'zod';
import { bytesCountSchema, placeIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { vaultStatusSchema } from './model.ts';
import { forTyping } from './parts.ts';
import { placeKinds, secretNames } from './place-address.ts';

const kitText = z
  .string()
  .min(1, 'Paste the kit, or open its file.')
  .max(400_000, 'This is longer than any recovery kit.')
  .describe('the recovery kit, as the file holds it; of a printed one the numbered lines are enough');
const words = z.array(z.string().trim().toLowerCase().min(1).max(16)).length(24);
/** A share in one piece, its words with spaces between them. */
export const shareTextSchema = z.string().trim().toLowerCase().min(1).max(1024);
const shares = z.array(shareTextSchema).min(1).max(64);

const kitPlaceSchema = z.object({
  name: z.string(),
  kind: z.enum(placeKinds),
  /** Where it is, in words. */
  where: z.string(),
  /** The account there; empty for none. */
  account: z.string(),
  owner: z.string(),
  site: z.string(),
});
export type KitPlace = z.infer<typeof kitPlaceSchema>;

/** Settings that a kit brings back, with their values. */
export const kitSettingsSchema = z.array(
  z.object({ key: z.enum(['language', 'theme', 'notifications', 'snapshots']), value: z.string() }),
);

const fingerprintSchema = z.string().regex(/^([0-9a-f]{4}-){3}[0-9a-f]{4}$/);

export const kitSchema = z.object({
  /** The whole kit, for a file: what follows in words, and the lines. */
  text: z.string(),
  /** The part that Hypha reads back, to be printed. */
  lines: z.array(z.string()),
  fingerprint: fingerprintSchema,
  madeAt: timeSchema,
  person: z.string(),
  /** How many of the places are needed. */
  needed: z.number().int(),
  places: z.array(
    kitPlaceSchema.extend({
      id: placeIdSchema,
      /**
       * What opens it: `nothing` it needs none; `kit` passwords or keys that lie sealed in the lines, for the words to open; `unknown` what
       * opens it could not be read here.
       */
      opens: z.enum(['nothing', 'kit', 'unknown']),
      /** Of `kit`: what somebody without the lines would have to have. */
      secrets: z.array(z.enum(secretNames)),
      /** It lies on this computer, and is lost with it. */
      here: z.boolean(),
    }),
  ),
  /** Places that are not on this computer: with fewer than `needed` the vault is lost with it. */
  elsewhere: z.number().int(),
  settings: kitSettingsSchema,
});
export type RecoveryKit = z.infer<typeof kitSchema>;

export const kitViewSchema = z.object({
  fingerprint: fingerprintSchema,
  madeAt: timeSchema,
  person: z.string(),
  needed: z.number().int(),
  places: z.array(kitPlaceSchema),
  settings: kitSettingsSchema,
});
export type KitView = z.infer<typeof kitViewSchema>;

const missingPlaceSchema = z.object({ name: z.string(), where: z.string(), why: z.string() });

export const rehearsalSchema = z.object({
  at: timeSchema,
  tookMs: z.number().int().nonnegative(),
  /** It would have worked: the list of files came back whole, and every file that was tried. */
  ok: z.boolean(),
  /** Why not; empty when it is. */
  problem: z.string(),
  /** What the keys came from: typed words or shares prove that you have them; `session` proves nothing of the kind. */
  keys: z.enum(['words', 'shares', 'session']),
  /** `given`: a kit was handed in; `current`: as one made now would be. */
  kit: z.enum(['given', 'current']),
  /** It was done without the places that lie on this computer: as if it were lost. */
  computerLost: z.boolean(),
  needed: z.number().int(),
  places: z.array(
    z.object({
      name: z.string(),
      where: z.string(),
      /** `used`; `here`: left out, for it lies on this computer; `missing`: `why` says more. */
      state: z.enum(['used', 'here', 'missing']),
      why: z.string(),
    }),
  ),
  /** In the list of files that came back. */
  files: z.number().int(),
  /** Files that were read to their last byte, chosen at random. */
  tried: z.number().int(),
  bytes: bytesCountSchema,
  /** Of those, how many were not what this computer knows them to be, or could not be read. */
  wrong: z.number().int(),
  /** Changes of the last moments, which are not on the places yet. */
  behind: z.boolean(),
  /** The newest snapshot, and whether it is what was signed; null when there is none. */
  snapshot: z.object({ number: z.number().int(), at: timeSchema, ok: z.boolean() }).nullable(),
  /** What would not come back, or would have to be known besides, in plain words. */
  lacking: z.array(z.string()),
});
export type Rehearsal = z.infer<typeof rehearsalSchema>;

/** Back from nothing: the recovery kit, the way in with it, and its rehearsal. */
export const vaultRecoveryContract = {
  'vault.recovery': method({
    kind: 'call',
    about: 'Tell when a recovery kit was made last, whether it is still right, and when recovery was rehearsed.',
    input: z.object({}),
    output: z.object({
      /** `stale`: the places, or what opens them, have changed since. */
      kit: z.object({ madeAt: timeSchema, fingerprint: fingerprintSchema, stale: z.boolean() }).nullable(),
      rehearsal: rehearsalSchema.nullable(),
    }),
    errors: ['NO_VAULT'],
    effect: 'read',
    summary: () => 'See how recovery is prepared',
    examples: ['could my vault be recovered', 'when was recovery rehearsed'],
    withheld: { peer: forTyping.peer },
  }),
  'vault.kit': method({
    kind: 'call',
    about: 'Make the recovery kit: what is needed besides your words to get the vault back on an empty computer.',
    input: z.object({}),
    output: kitSchema,
    errors: ['NO_VAULT'],
    effect: 'read',
    summary: () => 'Make a recovery kit',
    examples: ['make a recovery kit'],
    withheld: {
      ...forTyping,
      assistant: 'The kit lists all your places; it is for you to keep.',
      mcp: 'The kit lists all your places; it is for you to keep.',
    },
    rescues: true,
  }),
  'vault.readKit': method({
    kind: 'call',
    about: 'Tell what a recovery kit holds, without using it.',
    input: z.object({ kit: kitText }),
    output: kitViewSchema,
    errors: ['BAD_KIT'],
    effect: 'read',
    summary: () => 'Read a recovery kit',
    examples: [],
    secret: ['kit'],
    withheld: forTyping,
  }),
  'vault.recover': method({
    kind: 'task',
    about: 'Take up the vault of a recovery kit on this computer, from those of its places that are there.',
    input: z.object({
      kit: kitText,
      /** The places that are missing are lost for good: take up what can be read without them. */
      othersLost: z.boolean().optional(),
    }),
    output: z.object({
      status: vaultStatusSchema,
      /** Places of the kit that did not answer; the vault goes on without them, and uses them when they are back. */
      missing: z.array(missingPlaceSchema),
      /** Settings that are as they were again. */
      settings: kitSettingsSchema,
    }),
    errors: ['BAD_KIT', 'KIT_OF_ANOTHER', 'NOT_ENOUGH_PLACES', 'ALREADY_EXISTS', 'BAD_PLACE', 'CONFIRM_FINGERPRINT'],
    effect: 'write',
    summary: () => 'Take up the vault of a recovery kit',
    examples: [],
    undo: { never: 'The places hold what they held; nothing is to be taken back.' },
    secret: ['kit'],
    withheld: forTyping,
  }),
  'vault.rehearse': method({
    kind: 'task',
    about: 'Rehearse recovery without touching anything: read the vault from its places as an empty computer would.',
    input: z.object({
      kit: kitText.optional(),
      /** The 24 words, typed to prove that they are there. Left out: the keys that are unlocked now. */
      words: words.optional(),
      /** Shares of the words instead, each in one piece. */
      shares: shares.optional(),
      /** How many files to read. */
      files: z.number().int().min(1).max(1000).default(20),
    }),
    output: rehearsalSchema,
    errors: ['NO_VAULT', 'BAD_KIT', 'KIT_OF_ANOTHER', 'BAD_PHRASE', 'BAD_SHARES'],
    effect: 'read',
    summary: (i) => `Rehearse recovery with ${i.files} files`,
    examples: ['rehearse recovery'],
    secret: ['kit', 'words', 'shares'],
    secretsTyped: true,
    withheld: { peer: forTyping.peer },
  }),
} as const;
