import { z } from 'zod';
import { binarySchema, bytesCountSchema, itemIdSchema, placeIdSchema, timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';

const notForPeers = { peer: 'Peers never see the vault.' } as const;
const bytesOnly = {
  ...notForPeers,
  assistant: 'Bytes are for the interface.',
  mcp: 'Bytes are for the interface.',
} as const;
const uploadOnly = { ...bytesOnly, cli: 'The command line uses `hypha vault put`.' } as const;

/** A file or folder name: one path segment, NFC, at most 255 UTF-8 bytes. Names that no file system could hold are refused. */
export const itemNameSchema = z
  .string()
  .min(1, 'Type a name.')
  .transform((s) => s.normalize('NFC'))
  .refine((s) => new TextEncoder().encode(s).length <= 255, 'The name is longer than 255 bytes.')
  .refine((s) => s !== '.' && s !== '..', 'This name is reserved.')
  .refine((s) => !/[/\0]/.test(s), 'A name cannot contain a slash.');

/**
 * A file or folder, by its id or by its path from the root. What begins with a slash is a path and nothing else; of
 * anything else an id of that name comes first, then the path.
 */
const itemRefSchema = z
  .string()
  .min(1, 'Type the path of a file or folder in the vault, such as /notes/a.txt, or its id.')
  .max(4096, 'A path in the vault has at most 4096 characters.');
/** A folder in the same way; `root` (or `/`) is the top. */
const folderRefSchema = itemRefSchema.default('root');
const itemRefsSchema = z.array(itemRefSchema).min(1, 'Name at least one file or folder.').max(10_000);

/**
 * How safe the bytes of a file are. `safe`: stored in full on more than one device. `only-here`: stored in full, but
 * all of it on one device. `storing`: not yet in full. `at-risk`: some shards are lost, still readable. `damaged`: not readable.
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
  kind: z.literal('directory'),
  path: z.string(),
  /** The device it lies on (a file system id for a local directory): what fails together. */
  device: z.string(),
  /** The device in words, for example "This computer’s disk". */
  deviceName: z.string(),
  /** `missing`: no directory with the mark of this place is there; `foreign`: one with the mark of another vault is. */
  health: z.enum(['ok', 'missing', 'readonly', 'full', 'foreign', 'leaving']),
  /** Of a missing or foreign place: what is there instead, and what to do. Of a full one: what is kept free. */
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
      ]),
      text: z.string(),
      next: z.string(),
    })
    .optional(),
  shards: z.number().int().nonnegative(),
  used: bytesCountSchema,
  free: bytesCountSchema.nullable(),
  checkedAt: timeSchema.nullable(),
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
  files: z.number().int().nonnegative(),
  folders: z.number().int().nonnegative(),
  /** Plain bytes of all files. */
  size: bytesCountSchema,
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
  safety: safetySchema,
  atRisk: z.number().int().nonnegative(),
  damaged: z.number().int().nonnegative(),
  /** Shards that are missing or rotten and wait for repair. */
  missingShards: z.number().int().nonnegative(),
  verifiedAt: timeSchema.nullable(),
  binned: z.number().int().nonnegative(),
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

export const vaultContract = {
  'vault.status': method({
    kind: 'call',
    about: 'Tell how full and how safe the vault is.',
    input: z.object({}),
    output: vaultStatusSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See how the vault is',
    examples: ['is my vault safe', 'how full is my vault'],
    withheld: notForPeers,
  }),
  'vault.setup': method({
    kind: 'call',
    about: 'Set the vault up: how many places may be lost, and which directories are its places.',
    input: z.object({
      profile: profileSchema.default({ k: 4, m: 2 }),
      /** Directories to use; left out, k+m directories inside the data directory. */
      paths: z.array(z.string().min(1)).max(64).optional(),
      /** Places of an earlier vault that are not named are lost for good: take up what can be read without them. */
      othersLost: z.boolean().optional(),
    }),
    output: vaultStatusSchema,
    errors: ['ALREADY_EXISTS', 'TOO_FEW_PLACES', 'BAD_PLACE', 'NOT_ENOUGH_PLACES'],
    effect: 'write',
    summary: (i) => `Set up the vault (any ${i.profile.m} of ${i.profile.k + i.profile.m} places may be lost)`,
    examples: ['set up my vault'],
    undo: { never: 'A vault with nothing in it costs nothing.' },
    withheld: notForPeers,
    positional: ['paths'],
  }),
  'vault.list': method({
    kind: 'call',
    about: 'List a folder of the vault.',
    input: z.object({
      /** `bin` is the bin. */
      folder: folderRefSchema,
      sort: z.enum(['name', 'size', 'modified']).default('name'),
      descending: z.boolean().default(false),
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().min(1).max(5000).default(1000),
    }),
    output: z.object({
      /** From the root down to this folder. */
      path: z.array(z.object({ id: z.string(), name: z.string() })),
      items: z.array(vaultItemSchema),
      total: z.number().int(),
    }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: () => 'List a folder of the vault',
    examples: ['show my files', 'what is in {folder}'],
    withheld: notForPeers,
    positional: ['folder'],
  }),
  'vault.get': method({
    kind: 'call',
    about: 'Tell everything about one file or folder, by id or by path.',
    input: z.object({ item: itemRefSchema }),
    output: vaultItemSchema.extend({
      path: z.string(),
      chunks: z.number().int(),
      /** Bytes this file takes on the places, shared chunks counted in full. */
      stored: bytesCountSchema,
      /** For each place, how many of the file's shards lie there and are healthy. */
      shards: z.array(z.object({ place: placeIdSchema, healthy: z.number().int(), missing: z.number().int() })),
    }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Look at ${i.item}`,
    examples: ['how safe is {item}'],
    withheld: notForPeers,
    positional: ['item'],
  }),
  'vault.search': method({
    kind: 'call',
    about: 'Find files and folders by name.',
    input: z.object({ query: z.string().min(1).max(256), limit: z.number().int().min(1).max(1000).default(100) }),
    output: z.object({ items: z.array(vaultItemSchema.extend({ path: z.string() })), more: z.boolean() }),
    errors: [],
    effect: 'read',
    summary: (i) => `Search the vault for "${i.query}"`,
    examples: ['find {query}', 'where is {query}'],
    withheld: notForPeers,
    positional: ['query'],
  }),
  'vault.put': method({
    kind: 'task',
    about: 'Store files and folders of this computer in the vault.',
    input: z.object({
      paths: z.array(z.string().min(1)).min(1).max(10_000),
      into: folderRefSchema,
      /** A file of the same name: keep both, replace it, or leave the new one out. */
      clash: z.enum(['both', 'replace', 'skip']).default('both'),
    }),
    output: putResultSchema,
    errors: ['NOT_FOUND', 'NOT_ENOUGH_PLACES', 'NO_VAULT'],
    effect: 'write',
    summary: (i) =>
      i.paths.length === 1 ? `Store ${i.paths[0]} in the vault` : `Store ${i.paths.length} items in the vault`,
    examples: ['put {paths} in my vault', 'back up {paths}'],
    undo: { method: 'vault.bin' },
    withheld: notForPeers,
    positional: ['paths'],
  }),
  'vault.uploadOpen': method({
    kind: 'call',
    about: 'Begin to store one file whose bytes the interface sends.',
    input: z.object({
      into: itemIdSchema.or(z.literal('root')).default('root'),
      /** Folders below `into`, made when missing, then the file's name. */
      path: z.array(itemNameSchema).min(1).max(64),
      size: bytesCountSchema,
      modified: timeSchema,
      clash: z.enum(['both', 'replace', 'skip']).default('both'),
    }),
    output: z.object({ upload: uploadIdSchema, /** `clash: skip` and the name is taken. */ skipped: z.boolean() }),
    errors: ['NOT_FOUND', 'NO_VAULT', 'TOO_MANY_UPLOADS'],
    effect: 'write',
    summary: (i) => `Store ${i.path.join('/')} in the vault`,
    examples: [],
    undo: { method: 'vault.bin' },
    withheld: uploadOnly,
    quiet: true,
  }),
  'vault.uploadWrite': method({
    kind: 'call',
    about: 'Send the next bytes of an upload, in order, at most 1 MiB at a time.',
    input: z.object({ upload: uploadIdSchema, offset: bytesCountSchema, bytes: binarySchema }),
    output: z.object({ received: bytesCountSchema }),
    errors: ['NOT_FOUND', 'OUT_OF_ORDER', 'TOO_LARGE', 'NOT_ENOUGH_PLACES'],
    effect: 'write',
    summary: () => 'Send bytes of an upload',
    examples: [],
    undo: { method: 'vault.uploadAbort' },
    withheld: uploadOnly,
    quiet: true,
  }),
  'vault.uploadCommit': method({
    kind: 'call',
    about: 'Finish an upload. When this answers, the file is durable.',
    input: z.object({ upload: uploadIdSchema }),
    output: z.object({ item: vaultItemSchema }),
    errors: ['NOT_FOUND', 'INCOMPLETE', 'NOT_ENOUGH_PLACES'],
    effect: 'write',
    summary: () => 'Finish storing a file in the vault',
    examples: [],
    undo: { method: 'vault.bin' },
    withheld: uploadOnly,
  }),
  'vault.uploadAbort': method({
    kind: 'call',
    about: 'Give an upload up; nothing of it stays visible.',
    input: z.object({ upload: uploadIdSchema }),
    output: z.object({}),
    errors: [],
    effect: 'write',
    summary: () => 'Give an upload up',
    examples: [],
    undo: { never: 'Upload it again.' },
    withheld: uploadOnly,
    quiet: true,
  }),
  'vault.makeFolder': method({
    kind: 'call',
    about: 'Make a folder.',
    input: z.object({ parent: folderRefSchema, name: itemNameSchema }),
    output: z.object({ item: vaultItemSchema }),
    errors: ['NOT_FOUND', 'NAME_TAKEN', 'NO_VAULT'],
    effect: 'write',
    summary: (i) => `Make the folder "${i.name}"`,
    examples: ['make a folder called {name}'],
    undo: { method: 'vault.bin' },
    withheld: notForPeers,
    positional: ['name'],
  }),
  'vault.rename': method({
    kind: 'call',
    about: 'Rename a file or folder.',
    input: z.object({ item: itemRefSchema, name: itemNameSchema }),
    output: z.object({ item: vaultItemSchema }),
    errors: ['NOT_FOUND', 'NAME_TAKEN'],
    effect: 'write',
    summary: (i) => `Rename ${i.item} to "${i.name}"`,
    examples: ['rename {item} to {name}'],
    undo: { method: 'vault.rename' },
    withheld: notForPeers,
    positional: ['item', 'name'],
  }),
  'vault.move': method({
    kind: 'call',
    about: 'Move files and folders into another folder.',
    input: z.object({ items: itemRefsSchema, into: itemRefSchema }),
    output: z.object({ moved: z.number().int() }),
    errors: ['NOT_FOUND', 'NAME_TAKEN', 'INTO_ITSELF'],
    effect: 'write',
    summary: (i) => `Move ${i.items.length} items in the vault`,
    examples: ['move {items} to {into}'],
    undo: { method: 'vault.move' },
    withheld: notForPeers,
    positional: ['items', 'into'],
  }),
  'vault.bin': method({
    kind: 'call',
    about: 'Put files and folders in the bin, from where they can be restored.',
    input: z.object({ items: itemRefsSchema }),
    output: z.object({ binned: z.number().int() }),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Put ${i.items.length === 1 ? 'one item' : `${i.items.length} items`} in the bin`,
    examples: ['delete {items}', 'throw {items} away'],
    undo: { method: 'vault.restore' },
    withheld: notForPeers,
    positional: ['items'],
  }),
  'vault.restore': method({
    kind: 'call',
    about: 'Take files and folders back out of the bin.',
    input: z.object({ items: itemRefsSchema }),
    output: z.object({ restored: z.number().int() }),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Restore ${i.items.length === 1 ? 'one item' : `${i.items.length} items`} from the bin`,
    examples: ['restore {items}'],
    undo: { method: 'vault.bin' },
    withheld: notForPeers,
    positional: ['items'],
  }),
  'vault.purge': method({
    kind: 'task',
    about: 'Delete items of the bin for good and free their space. Left out, the whole bin.',
    input: z.object({ items: z.array(itemRefSchema).max(10_000).optional() }),
    output: z.object({ purged: z.number().int(), freed: bytesCountSchema }),
    errors: ['NOT_FOUND', 'NOT_IN_BIN', 'TWO_WRITERS'],
    effect: 'delete',
    summary: (i) =>
      i.items
        ? `Delete ${i.items.length === 1 ? 'one item' : `${i.items.length} items`} of the bin for good`
        : 'Empty the bin for good',
    examples: ['empty the bin'],
    undo: { never: 'What is purged is gone.' },
    withheld: notForPeers,
    positional: ['items'],
  }),
  'vault.read': method({
    kind: 'stream',
    about: 'Read the bytes of a file, checked and decrypted.',
    input: z.object({
      item: itemRefSchema,
      offset: bytesCountSchema.default(0),
      /** Left out: to the end. */
      length: bytesCountSchema.optional(),
    }),
    output: binarySchema,
    errors: ['NOT_FOUND', 'NOT_A_FILE', 'DAMAGED'],
    effect: 'read',
    summary: (i) => `Read ${i.item}`,
    examples: [],
    withheld: bytesOnly,
    positional: ['item'],
  }),
  'vault.export': method({
    kind: 'task',
    about: 'Write files and folders of the vault to a directory of this computer.',
    input: z.object({ items: itemRefsSchema, to: z.string().min(1) }),
    output: z.object({
      files: z.number().int(),
      bytes: bytesCountSchema,
      skipped: z.array(skippedSchema),
      /** What had to be given another name there: its path in the vault, and where it was written. Left out when nothing had. */
      renamed: z.array(z.object({ item: z.string(), as: z.string() })).optional(),
    }),
    errors: ['NOT_FOUND', 'BAD_TARGET', 'DAMAGED'],
    effect: 'write',
    summary: (i) => `Write ${i.items.length === 1 ? 'one item' : `${i.items.length} items`} of the vault to ${i.to}`,
    examples: ['export {items} to {to}'],
    undo: { never: 'Delete the written copies yourself.' },
    withheld: notForPeers,
    rescues: true,
    positional: ['items', 'to'],
  }),
  'vault.ticket': method({
    kind: 'call',
    about: 'Make a short-lived address under which the interface can show or save one file.',
    input: z.object({ item: itemIdSchema, disposition: z.enum(['inline', 'attachment']).default('inline') }),
    output: z.object({
      /** Path on the interface's own origin, for example `/media/<ticket>/<name>`. */ url: z.string(),
    }),
    errors: ['NOT_FOUND', 'NOT_A_FILE'],
    effect: 'read',
    summary: (i) => `Show ${i.item}`,
    examples: [],
    withheld: uploadOnly,
    quiet: true,
  }),
  'vault.redeem': method({
    kind: 'call',
    about: 'Tell the hosting shell what a ticket stands for.',
    input: z.object({ ticket: z.string().min(16).max(64) }),
    output: z.object({
      item: itemIdSchema,
      name: z.string(),
      mime: z.string(),
      size: bytesCountSchema,
      disposition: z.enum(['inline', 'attachment']),
    }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: () => 'Redeem a ticket',
    examples: [],
    withheld: { ...uploadOnly, ui: 'The shell redeems tickets.' },
    quiet: true,
  }),
  'vault.places': method({
    kind: 'call',
    about: 'List the places that hold shards, with health and capacity.',
    input: z.object({}),
    output: z.object({ places: z.array(placeSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List the places of the vault',
    examples: ['where are my files stored'],
    withheld: notForPeers,
  }),
  'vault.addPlace': method({
    kind: 'call',
    about:
      'Add a directory as a place, best on another device than the others; or one that has moved, at its new path.',
    input: z.object({ path: z.string().min(1), name: z.string().min(1).max(64).optional() }),
    output: z.object({ place: placeSchema }),
    errors: ['BAD_PLACE', 'ALREADY_EXISTS', 'NO_VAULT'],
    effect: 'write',
    summary: (i) => `Add ${i.path} as a place of the vault`,
    examples: ['add {path} as a place'],
    undo: { method: 'vault.removePlace' },
    withheld: notForPeers,
    positional: ['path'],
  }),
  'vault.removePlace': method({
    kind: 'task',
    about: 'Move a place’s shards elsewhere and stop using it; a place that is gone is dropped and its shards rebuilt.',
    input: z.object({ place: placeIdSchema }),
    output: z.object({ moved: z.number().int() }),
    errors: ['NOT_FOUND', 'NOT_ENOUGH_PLACES'],
    effect: 'delete',
    summary: (i) => `Stop using the place ${i.place}`,
    examples: [],
    undo: { method: 'vault.addPlace' },
    withheld: notForPeers,
    positional: ['place'],
  }),
  'vault.verify': method({
    kind: 'task',
    about: 'Read every shard on every place and check it.',
    input: z.object({}),
    output: z.object({
      checked: z.number().int(),
      missing: z.number().int(),
      corrupt: z.number().int(),
      damagedFiles: z.number().int(),
    }),
    errors: ['NO_VAULT'],
    effect: 'read',
    summary: () => 'Check every shard of the vault',
    examples: ['check my vault', 'verify my files'],
    withheld: notForPeers,
    rescues: true,
  }),
  'vault.repair': method({
    kind: 'task',
    about: 'Rebuild missing and rotten shards on healthy places.',
    input: z.object({}),
    output: z.object({
      rebuilt: z.number().int(),
      unrepairable: z.number().int(),
      /** Bytes of shards that nothing needs any more, left by a crash or by a place that was away; left out when none. */
      freed: bytesCountSchema.optional(),
    }),
    errors: ['NO_VAULT', 'NOT_ENOUGH_PLACES'],
    effect: 'write',
    summary: () => 'Repair the vault',
    examples: ['repair my vault'],
    undo: { never: 'Repair only adds what was missing.' },
    withheld: notForPeers,
  }),
  'vault.cacheKey': method({
    kind: 'call',
    about: 'Hand the interface the key that seals its offline copy of listings, while unlocked.',
    input: z.object({}),
    output: z.object({ key: binarySchema }),
    errors: [],
    effect: 'read',
    summary: () => 'Open the offline cache',
    examples: [],
    withheld: { ...uploadOnly, shell: 'Only the interface keeps a cache.' },
    quiet: true,
  }),
} as const;
