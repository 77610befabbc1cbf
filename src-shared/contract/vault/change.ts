import { z } from 'zod';
import { bytesCountSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { itemNameSchema, vaultItemSchema } from './model.ts';
import { folderRefSchema, itemRefSchema, itemRefsSchema, notForPeers } from './parts.ts';

/** Changing names and folders, and the bin. */
export const vaultChangeContract = {
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
    output: z.object({
      purged: z.number().int(),
      freed: bytesCountSchema,
      /** Files that snapshots still hold: their space is freed with the last of those. Left out when there are none. */
      inSnapshots: z.number().int().optional(),
    }),
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
} as const;
