import { z } from 'zod';
import { bytesCountSchema, itemIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { folderRefSchema, itemRefSchema, itemRefsSchema, notForPeers, snapshotNumberSchema } from './parts.ts';

export const snapshotSchema = z.object({
  number: z.number().int(),
  at: timeSchema,
  /** Taken by itself, and thinned out by itself. */
  automatic: z.boolean(),
  /** Empty when it was given none. */
  name: z.string(),
  files: z.number().int(),
  folders: z.number().int(),
  /** Plain bytes of the files in it. */
  size: bytesCountSchema,
});
export type VaultSnapshot = z.infer<typeof snapshotSchema>;

export const snapshotPolicySchema = z.object({
  /** Minutes between automatic snapshots, when something changed; null: none are taken. */
  every: z.number().int().min(5).max(10_080).nullable(),
  /** For how many hours, days, weeks and months that have any, the last of each is kept. */
  hours: z.number().int().min(0).max(1000),
  days: z.number().int().min(0).max(1000),
  weeks: z.number().int().min(0).max(1000),
  months: z.number().int().min(0).max(1000),
});

/** A file or folder as a snapshot sees it. */
export const snapshotItemSchema = z.object({
  id: itemIdSchema,
  kind: z.enum(['file', 'folder']),
  name: z.string(),
  size: bytesCountSchema,
  modified: timeSchema,
  mime: z.string(),
  /** What it is now: as it was then; there, but moved, renamed or (a folder) with other contents; in the bin; or gone. */
  now: z.enum(['same', 'changed', 'binned', 'gone']),
});

export const versionSchema = z.object({
  id: itemIdSchema,
  /** Where it lay. */
  path: z.string(),
  size: bytesCountSchema,
  modified: timeSchema,
  added: timeSchema,
  /** The first and the last snapshot that see it; null for one that none does. */
  snapshots: z.object({ first: snapshotSchema, last: snapshotSchema }).nullable(),
  /** Where it is now. */
  now: z.enum(['there', 'binned', 'gone']),
});

/** How the vault was at earlier times. */
export const vaultVersionsContract = {
  'vault.snapshots': method({
    kind: 'call',
    about: 'List the snapshots of the vault, newest first, and which are kept for how long.',
    input: z.object({}),
    output: z.object({ snapshots: z.array(snapshotSchema), policy: snapshotPolicySchema }),
    errors: ['NO_VAULT'],
    effect: 'read',
    summary: () => 'List the snapshots of the vault',
    examples: ['show my snapshots', 'how far back can I go'],
    withheld: notForPeers,
  }),
  'vault.takeSnapshot': method({
    kind: 'task',
    about: 'Keep the whole vault as it is now. It stays until it is removed, and costs only what changes later.',
    input: z.object({ name: z.string().trim().max(100, 'A name of at most 100 letters.').default('') }),
    output: z.object({ snapshot: snapshotSchema }),
    errors: ['NO_VAULT'],
    effect: 'write',
    summary: (i) => (i.name ? `Take a snapshot of the vault: "${i.name}"` : 'Take a snapshot of the vault'),
    examples: ['take a snapshot', 'take a snapshot called {name}'],
    undo: { method: 'vault.removeSnapshots' },
    withheld: notForPeers,
    positional: ['name'],
  }),
  'vault.removeSnapshots': method({
    kind: 'task',
    about: 'Forget snapshots, and free what only they still hold.',
    input: z.object({
      snapshots: z.array(snapshotNumberSchema).min(1, 'Give the number of a snapshot.').max(10_000),
    }),
    output: z.object({ removed: z.number().int(), freed: bytesCountSchema }),
    errors: ['NOT_FOUND', 'NO_VAULT', 'TWO_WRITERS'],
    effect: 'delete',
    summary: (i) =>
      i.snapshots.length === 1 ? `Forget snapshot ${i.snapshots[0]}` : `Forget ${i.snapshots.length} snapshots`,
    examples: ['forget snapshot {snapshots}'],
    undo: { never: 'What only these snapshots held is gone.' },
    withheld: notForPeers,
    positional: ['snapshots'],
  }),
  'vault.listSnapshot': method({
    kind: 'call',
    about: 'List a folder as it was when a snapshot was taken.',
    input: z.object({
      snapshot: snapshotNumberSchema,
      folder: folderRefSchema,
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().min(1).max(5000).default(1000),
    }),
    output: z.object({
      snapshot: snapshotSchema,
      /** From the root down to this folder, as they were called then. */
      path: z.array(z.object({ id: z.string(), name: z.string() })),
      items: z.array(snapshotItemSchema),
      total: z.number().int(),
    }),
    errors: ['NOT_FOUND', 'NO_VAULT'],
    effect: 'read',
    summary: (i) => `Look into snapshot ${i.snapshot}`,
    examples: ['what was in {folder} in snapshot {snapshot}'],
    withheld: notForPeers,
    positional: ['snapshot', 'folder'],
  }),
  'vault.history': method({
    kind: 'call',
    about: 'List what lay at a path over time: now, in the bin, and in snapshots; newest first.',
    input: z.object({ item: itemRefSchema }),
    output: z.object({ versions: z.array(versionSchema) }),
    errors: ['NOT_FOUND', 'NO_VAULT'],
    effect: 'read',
    summary: (i) => `List earlier versions of ${i.item}`,
    examples: ['show earlier versions of {item}'],
    withheld: notForPeers,
    positional: ['item'],
  }),
  'vault.compare': method({
    kind: 'call',
    about:
      'Show which lines differ between two versions of a text file, each by its path or by the id its history tells.',
    input: z.object({
      older: itemRefSchema,
      newer: itemRefSchema,
      /** Common lines shown around each difference. */
      context: z.number().int().min(0).max(100).default(3),
    }),
    output: z.object({
      added: z.number().int(),
      removed: z.number().int(),
      /** In order; `from` and `to` count the lines of the older and of the newer text from 0. */
      pieces: z.array(
        z.object({
          kind: z.enum(['same', 'removed', 'added']),
          from: z.number().int(),
          to: z.number().int(),
          lines: z.array(z.string()),
        }),
      ),
      /** There is more than is told. */
      cut: z.boolean(),
    }),
    errors: ['NOT_FOUND', 'NO_VAULT', 'NOT_TEXT', 'TOO_LARGE', 'DAMAGED'],
    effect: 'read',
    summary: (i) => `Compare ${i.older} with ${i.newer}`,
    examples: ['what changed between {older} and {newer}'],
    withheld: notForPeers,
    positional: ['older', 'newer'],
  }),
  'vault.restoreFrom': method({
    kind: 'task',
    about: 'Bring files and folders back as they were when a snapshot was taken.',
    input: z.object({
      snapshot: snapshotNumberSchema,
      items: itemRefsSchema,
      /** Left out: where they lay then. */
      into: folderRefSchema.optional(),
      /** What to do where something of that name is: keep both, put what is there in the bin, or leave it as it is. */
      clash: z.enum(['both', 'replace', 'skip']).default('both'),
    }),
    output: z.object({
      items: z.array(itemIdSchema),
      restored: z.number().int(),
      /** Files that are there already just as they were. */
      same: z.number().int(),
      skipped: z.number().int(),
    }),
    errors: ['NOT_FOUND', 'NO_VAULT', 'DAMAGED'],
    effect: 'write',
    summary: (i) =>
      `Bring ${i.items.length === 1 ? i.items[0] : `${i.items.length} items`} back from snapshot ${i.snapshot}`,
    examples: ['restore {items} from snapshot {snapshot}'],
    undo: { method: 'vault.bin' },
    withheld: notForPeers,
    positional: ['snapshot', 'items'],
  }),
  'vault.checkSnapshot': method({
    kind: 'task',
    about:
      'Prove that a snapshot is what was signed when it was taken: every row, both signatures, and what it follows.',
    input: z.object({ snapshot: snapshotNumberSchema }),
    output: z.object({
      ok: z.boolean(),
      rows: z.number().int(),
      /** In plain words, when it is not. */
      problem: z.string().optional(),
    }),
    errors: ['NOT_FOUND', 'NO_VAULT'],
    effect: 'read',
    summary: (i) => `Check snapshot ${i.snapshot}`,
    examples: ['check snapshot {snapshot}'],
    withheld: notForPeers,
    positional: ['snapshot'],
  }),
  'vault.configureSnapshots': method({
    kind: 'call',
    about: 'Say how often snapshots are taken by themselves and how long they are kept; what is left out stays.',
    input: snapshotPolicySchema.partial(),
    output: snapshotPolicySchema,
    errors: ['NO_VAULT'],
    effect: 'write',
    summary: () => 'Change when snapshots are taken and how long they are kept',
    examples: [],
    undo: { method: 'vault.configureSnapshots' },
    withheld: notForPeers,
  }),
} as const;
