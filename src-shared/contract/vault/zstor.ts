import { z } from 'zod';
import { bytesCountSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { putResultSchema, skippedSchema } from './model.ts';
import { folderRefSchema, itemRefsSchema, notForPeers } from './parts.ts';

/**
 * The configuration file of a zstor deployment. It holds a key and passwords: it is named, never passed along, and nothing of it but addresses
 * is shown, logged or journalled.
 */
const configSchema = z.string().min(1, 'Name the TOML file that zstor works with.').max(4096);
/** As zstor knows the object: a full path of the computer it runs on. */
const zstorPathSchema = z
  .string()
  .max(4096)
  .regex(/^\/[^\0]*$/, 'Give the full path by which zstor knows the object, such as /data/report.pdf.');

/** To and from the format of the real zstor. */
export const vaultZstorContract = {
  'vault.importZstor': method({
    kind: 'task',
    about: 'Copy objects of a zstor deployment into the vault.',
    input: z.object({
      config: configSchema,
      /** With `all`: names for those objects that have these paths, since zstor keeps no names. */
      paths: z.array(zstorPathSchema).max(10_000).default([]),
      all: z.boolean().default(false),
      into: folderRefSchema,
      clash: z.enum(['both', 'replace', 'skip']).default('both'),
    }),
    output: putResultSchema.extend({
      /** Objects whose path nobody named: they came under the hash that zstor keeps of it. */
      unnamed: z.number().int(),
    }),
    errors: ['NOT_FOUND', 'BAD_CONFIG', 'DAMAGED', 'TOO_LARGE', 'NOT_ENOUGH_PLACES', 'NO_VAULT'],
    effect: 'write',
    summary: (i) =>
      i.all
        ? `Copy all objects of the zstor of ${i.config} into the vault`
        : i.paths.length === 1
          ? `Copy ${i.paths[0]} from the zstor of ${i.config} into the vault`
          : `Copy ${i.paths.length} objects of the zstor of ${i.config} into the vault`,
    examples: ['copy {paths} from the zstor of {config} into my vault'],
    undo: { method: 'vault.bin' },
    withheld: notForPeers,
    positional: ['config', 'paths'],
  }),
  'vault.exportZstor': method({
    kind: 'task',
    about: 'Write files of the vault to the backends of a zstor deployment, so that the real zstor reads them.',
    input: z.object({
      items: itemRefsSchema,
      config: configSchema,
      /** The path of one file; of folders, or several, or with a slash at its end, where they lie below. */
      as: zstorPathSchema,
    }),
    output: z.object({
      files: z.number().int(),
      bytes: bytesCountSchema,
      /** Of these, so many were there already, byte for byte. */
      unchanged: z.number().int(),
      /** And of those, so many had lost shards, which were made again. */
      repaired: z.number().int(),
      skipped: z.array(skippedSchema),
    }),
    errors: ['NOT_FOUND', 'BAD_CONFIG', 'DAMAGED', 'TOO_LARGE', 'NOT_ENOUGH_PLACES', 'NO_VAULT'],
    effect: 'share',
    summary: (i) =>
      i.items.length === 1
        ? `Write one item of the vault as ${i.as} to the zstor of ${i.config}`
        : `Write ${i.items.length} items of the vault as ${i.as} to the zstor of ${i.config}`,
    examples: ['write {items} to the zstor of {config} as {as}'],
    undo: { never: 'What zstor was given it keeps, and whoever has its configuration can read it.' },
    withheld: notForPeers,
    positional: ['config', 'as', 'items'],
  }),
} as const;
