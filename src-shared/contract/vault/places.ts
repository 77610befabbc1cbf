import { z } from 'zod';
import { bytesCountSchema, placeIdSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { placeSchema } from './model.ts';
import { notForPeers } from './parts.ts';

/** Where the pieces lie, and whether they are right. */
export const vaultPlacesContract = {
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
} as const;
