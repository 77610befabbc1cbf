import { z } from 'zod';
import { bytesCountSchema, placeIdSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { profileSchema, searchIndexSchema, searchMatchSchema, vaultItemSchema, vaultStatusSchema } from './model.ts';
import { setupPlaceSchema } from './new-place.ts';
import { folderRefSchema, itemRefSchema, notForPeers } from './parts.ts';
import { placeSecretSchema } from './place-address.ts';

/** What the vault holds, and how it is. */
export const vaultLookContract = {
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
    about: 'Set the vault up: how many places may be lost, and which directories and servers are its places.',
    input: z.object({
      profile: profileSchema.default({ k: 4, m: 2 }),
      /** Directories to use; left out, k+m directories inside the data directory. */
      paths: z.array(z.string().min(1)).max(64).optional(),
      /** Places of any kind, besides those directories. */
      places: z.array(setupPlaceSchema).max(64).optional(),
      /** What opens them, in the same order; an empty object where nothing is needed. */
      credentials: z.array(placeSecretSchema).max(64).optional(),
      /** Places of an earlier vault that are not named are lost for good: take up what can be read without them. */
      othersLost: z.boolean().optional(),
    }),
    output: vaultStatusSchema,
    errors: ['ALREADY_EXISTS', 'TOO_FEW_PLACES', 'BAD_PLACE', 'NOT_ENOUGH_PLACES', 'CONFIRM_FINGERPRINT'],
    effect: 'write',
    summary: (i) => `Set up the vault (any ${i.profile.m} of ${i.profile.k + i.profile.m} places may be lost)`,
    examples: ['set up my vault'],
    undo: { never: 'A vault with nothing in it costs nothing.' },
    secret: ['credentials'],
    secretsTyped: true,
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
    about: 'Find files and folders by name and by the words in them.',
    input: z.object({
      /**
       * Words, all of which are wanted, in the name or the text; `"words in a row"`, `begin*`, `-without`, `name:part`, `type:image`,
       * `in:/folder`, `after:2026-11`, `before:2026-11-23`. No query is wrong: what makes no sense is looked for as it is.
       */
      query: z.string().min(1).max(1024),
      limit: z.number().int().min(1).max(1000).default(100),
      offset: z.number().int().nonnegative().max(1_000_000).default(0),
      /** Somebody is still typing: the last word may be the beginning of one. */
      typing: z.boolean().default(false),
    }),
    output: z.object({
      /** Best first. */
      items: z.array(vaultItemSchema.extend({ path: z.string(), match: searchMatchSchema.optional() })),
      more: z.boolean(),
      /** How many there are in all. */
      total: z.number().int().nonnegative(),
      /** Folders that `in:` names and that are not there; left out when there are none. */
      missing: z.array(z.string()).optional(),
      /** While it is not `current`, files may be missing here that have these words. */
      index: searchIndexSchema,
    }),
    errors: [],
    effect: 'read',
    summary: (i) => `Search the vault for "${i.query}"`,
    examples: ['find {query}', 'where is {query}', 'which file says {query}'],
    withheld: notForPeers,
    positional: ['query'],
  }),
} as const;
