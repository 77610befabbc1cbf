import { z } from 'zod';
import { binarySchema, bytesCountSchema, itemIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { itemNameSchema, putResultSchema, uploadIdSchema, vaultItemSchema } from './model.ts';
import { folderRefSchema, notForPeers, uploadOnly } from './parts.ts';

/** Bringing files into the vault. */
export const vaultStoreContract = {
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
} as const;
