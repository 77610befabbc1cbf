import { z } from 'zod';
import { bytesCountSchema, placeIdSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { placeSchema } from './model.ts';
import { newPlaceSchema, placeMarks, placeTestSchema, wholeAddress } from './new-place.ts';
import { forTyping, notForPeers } from './parts.ts';
import { addressFields, placeCallWords, placeSecretSchema, secretNames } from './place-address.ts';

const { kind: _, ...changeableFields } = addressFields;

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
      'Add a place, best on another device than the others: a directory, or a server; or one that has moved, where it is now.',
    input: newPlaceSchema.superRefine(wholeAddress),
    output: z.object({ place: placeSchema }),
    errors: ['BAD_PLACE', 'ALREADY_EXISTS', 'NO_VAULT', 'CONFIRM_FINGERPRINT'],
    effect: 'write',
    summary: (i) => `Add ${placeCallWords(i)} as a place of the vault`,
    examples: ['add {path} as a place'],
    undo: { method: 'vault.removePlace' },
    secret: secretNames,
    secretsTyped: true,
    withheld: notForPeers,
    positional: ['path'],
  }),
  'vault.testPlace': method({
    kind: 'call',
    about: 'See what is at the address of a place, without writing anything there.',
    input: z
      .object({
        place: placeIdSchema.optional().describe('a place of the vault, with what is known of it'),
        ...addressFields,
        ...placeSecretSchema.shape,
      })
      .superRefine((input, context) => {
        if (input.place === undefined) wholeAddress(input, context);
      }),
    output: placeTestSchema,
    errors: ['NOT_FOUND', 'NO_VAULT'],
    effect: 'read',
    summary: (i) => `See what is at ${i.place ?? placeCallWords(i)}`,
    examples: [],
    secret: secretNames,
    withheld: forTyping,
    positional: ['path'],
  }),
  'vault.changePlace': method({
    kind: 'call',
    about: 'Change the name, owner, site, limit, weight, address or credentials of a place.',
    input: z.object({
      place: placeIdSchema,
      ...placeMarks,
      ...changeableFields,
      ...placeSecretSchema.shape,
    }),
    output: z.object({ place: placeSchema }),
    errors: ['NOT_FOUND', 'BAD_PLACE', 'NO_VAULT', 'CONFIRM_FINGERPRINT'],
    effect: 'write',
    summary: (i) => `Change the place ${i.place}`,
    examples: [],
    undo: { method: 'vault.changePlace' },
    secret: secretNames,
    secretsTyped: true,
    withheld: notForPeers,
    positional: ['place'],
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
