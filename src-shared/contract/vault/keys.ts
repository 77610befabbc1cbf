import { z } from 'zod';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './parts.ts';

/** The keys that files are sealed under. */
export const vaultKeysContract = {
  'vault.rotateKeys': method({
    kind: 'task',
    about:
      'Begin a new epoch of keys: what is stored from now on is under new keys, and the keys of what is stored already are wrapped anew. No file is written again.',
    input: z.object({}),
    output: z.object({
      /** The number of the epoch that began. */
      epoch: z.number().int().positive(),
      /** Packs whose keys were wrapped anew. */
      packs: z.number().int().nonnegative(),
      /** Copies of the catalogue under earlier keys on places that are away: they are removed when those are back. */
      oldCopies: z.number().int().nonnegative(),
    }),
    errors: ['NO_VAULT', 'NOT_ENOUGH_PLACES'],
    effect: 'admin',
    summary: () => 'Begin new keys for the vault',
    examples: ['rotate the keys of my vault'],
    undo: { never: 'Keys that have begun stay; former ones are still known, and nothing is lost.' },
    withheld: notForPeers,
  }),
} as const;
