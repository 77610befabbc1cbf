import { z } from 'zod';
import { binarySchema, bytesCountSchema, itemIdSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { skippedSchema } from './model.ts';
import {
  bytesOnly,
  itemRefSchema,
  itemRefsSchema,
  notForPeers,
  remoteErrors,
  shareIdSchema,
  snapshotNumberSchema,
  uploadOnly,
} from './parts.ts';

/** Getting files out of the vault. */
export const vaultReadContract = {
  'vault.read': method({
    kind: 'stream',
    about: 'Read the bytes of a file, checked and decrypted.',
    input: z.object({
      item: itemRefSchema,
      /** As it was when this snapshot was taken; left out: as it is now. */
      snapshot: snapshotNumberSchema.optional(),
      offset: bytesCountSchema.default(0),
      /** Left out: to the end. */
      length: bytesCountSchema.optional(),
    }),
    output: binarySchema,
    errors: ['NOT_FOUND', 'NOT_A_FILE', 'DAMAGED'],
    effect: 'read',
    summary: (i) => (i.snapshot === undefined ? `Read ${i.item}` : `Read ${i.item} of snapshot ${i.snapshot}`),
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
    input: z.object({
      item: itemIdSchema,
      /** The item is one of this snapshot. */
      snapshot: snapshotNumberSchema.optional(),
      /** The item is one of what is shared with you here. */
      share: shareIdSchema.optional(),
      disposition: z.enum(['inline', 'attachment']).default('inline'),
    }),
    output: z.object({
      /** Path on the interface's own origin, for example `/media/<ticket>/<name>`. */ url: z.string(),
    }),
    errors: [...remoteErrors, 'NOT_A_FILE', 'NOT_OFFERED'],
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
  'vault.readTicket': method({
    kind: 'stream',
    about: 'Read the bytes of the file that a ticket stands for.',
    input: z.object({ ticket: z.string().min(16).max(64), offset: bytesCountSchema, length: bytesCountSchema }),
    output: binarySchema,
    errors: [...remoteErrors, 'NOT_A_FILE', 'DAMAGED', 'NOT_OFFERED'],
    effect: 'read',
    summary: () => 'Read what a ticket stands for',
    examples: [],
    withheld: { ...uploadOnly, ui: 'The shell redeems tickets.' },
    quiet: true,
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
