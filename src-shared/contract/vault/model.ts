import { z } from 'zod';
import { bytesCountSchema, itemIdSchema, placeIdSchema, timeSchema } from '../../model/ids.ts';
import { placeAddressSchema, placeKinds } from './place-address.ts';

/** A file or folder name: one path segment, NFC, at most 255 UTF-8 bytes. Names that no file system could hold are refused. */
export const itemNameSchema = z
  .string()
  .min(1, 'Type a name.')
  .transform((s) => s.normalize('NFC'))
  .refine((s) => new TextEncoder().encode(s).length <= 255, 'The name is longer than 255 bytes.')
  .refine((s) => s !== '.' && s !== '..', 'This name is reserved.')
  .refine((s) => !/[/\0]/.test(s), 'A name cannot contain a slash.');

/**
 * How safe the bytes of a file are. `safe`: stored in full, and any one device may fail, or any one other person's places go.
 * `only-here`: stored in full, but one such loss would take it. `storing`: not yet in full. `at-risk`: some shards are lost, still readable. `damaged`: not readable.
 */
export const safetySchema = z.enum(['safe', 'only-here', 'storing', 'at-risk', 'damaged']);
export type Safety = z.infer<typeof safetySchema>;

export const vaultItemSchema = z.object({
  id: itemIdSchema,
  parent: itemIdSchema.nullable(),
  kind: z.enum(['file', 'folder']),
  name: z.string(),
  /** Plain size in bytes; for a folder the sum of what it holds. */
  size: bytesCountSchema,
  modified: timeSchema,
  added: timeSchema,
  /** Guessed from name and first bytes, for preview only. */
  mime: z.string(),
  safety: safetySchema,
  /** When every shard was last read and checked. */
  verifiedAt: timeSchema.nullable(),
  /** When it went to the bin; null outside it. */
  binnedAt: timeSchema.nullable(),
});
export type VaultItem = z.infer<typeof vaultItemSchema>;

export const placeSchema = z.object({
  id: placeIdSchema,
  name: z.string(),
  kind: z.enum(placeKinds),
  /** Where it is, in words: the directory, or host and what is on it. */
  path: z.string(),
  /** The same as data, without what opens it. */
  address: placeAddressSchema,
  /** Whose it is: empty for the person's own, else a name. */
  owner: z.string(),
  /** Where it stands, in the person's words; empty when they did not say. */
  site: z.string(),
  /** Bytes that the vault may use there at most; null for no limit. */
  limit: bytesCountSchema.nullable(),
  /** How much it is preferred over others where there is a choice. */
  weight: z.number().int(),
  /** The device it lies on (a file system for a local directory, a host for a server): what fails together. */
  device: z.string(),
  /** The device in words, for example "This computer’s disk". */
  deviceName: z.string(),
  /**
   * `missing`: nothing with the mark of this place is there; `foreign`: something with the mark of another vault is. `locked`: what
   * opens it is sealed with the person's keys, and it is used again after unlocking.
   */
  health: z.enum(['ok', 'missing', 'readonly', 'full', 'foreign', 'leaving', 'locked']),
  /** Of a missing or foreign place: what is there instead, and what to do. Of a full one: what is kept free. `CLOSING`: its keeper wants it back. */
  problem: z
    .object({
      code: z.enum([
        'GONE',
        'EMPTY',
        'UNMARKED',
        'BAD_MARK',
        'NOT_A_DIRECTORY',
        'UNREADABLE',
        'OTHER_PLACE',
        'OTHER_VAULT',
        'FULL',
        'LIMIT',
        'SILENT',
        'REFUSED',
        'NOT_THERE',
        'EMPTIED',
        'LOCKED',
        'SEALED',
        'CLOSING',
      ]),
      text: z.string(),
      next: z.string(),
    })
    .optional(),
  shards: z.number().int().nonnegative(),
  used: bytesCountSchema,
  free: bytesCountSchema.nullable(),
  checkedAt: timeSchema.nullable(),
  /** When every piece there was last read and found right; null when some never was, or there is none. */
  verifiedAt: timeSchema.nullable(),
});
export type Place = z.infer<typeof placeSchema>;

export const profileSchema = z
  .object({
    /** Shards needed to read. */
    k: z.number().int().min(1).max(32),
    /** Shards that may be lost. */
    m: z.number().int().min(0).max(32),
  })
  .refine((p) => p.k + p.m <= 64);

/** A piece of a string: where it begins and ends (UTF-16 units, end exclusive). */
const markSchema = z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]);
/** Why a search found a file, and how well it fits. */
export const searchMatchSchema = z.object({
  /** Where what was looked for is: in the name, in the text, or part of it in each. */
  where: z.enum(['name', 'text', 'both']),
  /** Greater is better; compares hits of one answer only. */
  score: z.number(),
  /** In the name. */
  marks: z.array(markSchema),
  /** The piece of the text that fits best, on one line, and where the words stand in it. */
  snippet: z.object({ text: z.string(), marks: z.array(markSchema) }).optional(),
});
export type SearchMatch = z.infer<typeof searchMatchSchema>;
/** How far the search index is. `off`: files are found by name only; `full`: it waits for room on this computer's disk. */
export const searchIndexSchema = z.object({
  state: z.enum(['off', 'reading', 'current', 'full']),
  /** Files that have been read, or hold no text. */
  files: z.number().int().nonnegative(),
  waiting: z.number().int().nonnegative(),
  /** Files whose bytes were read for it since the unlock. */
  read: z.number().int().nonnegative(),
  /** What it takes on this computer's disk. */
  bytes: bytesCountSchema,
});
export type SearchIndex = z.infer<typeof searchIndexSchema>;

/** `VAULT_TWO_WRITERS`: another agent writes to the same places. */
export const vaultNoticeSchema = z.object({ code: z.string(), text: z.string() });
export const vaultStatusSchema = z.object({
  /** `none`: not set up; `locked`: needs unlock; `ready`. */
  state: z.enum(['none', 'locked', 'ready']),
  /**
   * With `none`: places of a vault were found in the data directory, and how to get it back. `missing`: the list of files was lost
   * here, and the vault opens by itself once enough of these places are back.
   */
  found: z
    .object({ places: z.number().int(), text: z.string(), next: z.string(), missing: z.array(z.string()).optional() })
    .optional(),
  profile: profileSchema,
  /** These three are null while locked: what the vault holds is not known then. */
  files: z.number().int().nonnegative().nullable(),
  folders: z.number().int().nonnegative().nullable(),
  /** Plain bytes of all files. */
  size: bytesCountSchema.nullable(),
  /** Bytes on all places together. */
  stored: bytesCountSchema,
  places: z.number().int().nonnegative(),
  healthyPlaces: z.number().int().nonnegative(),
  /** Distinct devices that hold shards. */
  devices: z.number().int().nonnegative(),
  /** How many whole devices may be lost at once, any of them, with every file still readable. Computed over devices. */
  survivesDevices: z.number().int().nonnegative(),
  /** How many places may be lost at once, any of them, with every file still readable. */
  survivesPlaces: z.number().int().nonnegative(),
  /** Of every site that places were said to stand at, and of every other person who keeps some: whether all files stay readable without it. */
  domains: z.array(
    z.object({
      kind: z.enum(['site', 'owner']),
      name: z.string(),
      places: z.number().int().positive(),
      survives: z.boolean(),
    }),
  ),
  safety: safetySchema,
  atRisk: z.number().int().nonnegative(),
  damaged: z.number().int().nonnegative(),
  /** Shards that are missing or rotten and wait for repair. */
  missingShards: z.number().int().nonnegative(),
  verifiedAt: timeSchema.nullable(),
  binned: z.number().int().nonnegative(),
  /** While unlocked. */
  search: searchIndexSchema.optional(),
  /** Programs of this computer use it as a disk at this address (WebDAV); left out when none can now. */
  disk: z.string().optional(),
  /** What the person should know of now; left out when there is nothing. */
  notices: z.array(vaultNoticeSchema).optional(),
});
export type VaultStatus = z.infer<typeof vaultStatusSchema>;

export const uploadIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/)
  .brand<'UploadId'>();

/** One path that could not be stored, with the reason; the others go on. */
export const skippedSchema = z.object({ path: z.string(), code: z.string(), message: z.string() });
export const putResultSchema = z.object({
  items: z.array(itemIdSchema),
  files: z.number().int(),
  bytes: bytesCountSchema,
  /** Bytes that were already in the vault and cost nothing. */
  deduplicated: bytesCountSchema,
  skipped: z.array(skippedSchema),
  /** As in the status; left out when there is nothing. */
  notices: z.array(vaultNoticeSchema).optional(),
});
