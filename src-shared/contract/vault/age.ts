import { z } from 'zod';
import { bytesCountSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { forTyping, itemRefSchema } from './parts.ts';

/** Files for people without Hypha, in the format of age (age-encryption.org/v1). */
export const vaultAgeContract = {
  'vault.agePassphrase': method({
    kind: 'call',
    about: 'Make a passphrase of ten random words for a file that is given away.',
    input: z.object({}),
    output: z.object({
      /** Shown this once. */
      passphrase: z.string(),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'Make a passphrase for a file',
    examples: ['make a passphrase for a file'],
    withheld: forTyping,
  }),
  'vault.exportAge': method({
    kind: 'task',
    about: 'Write a file of the vault as an age file, which whoever has its passphrase can open without Hypha.',
    input: z.object({
      item: itemRefSchema,
      /** A directory; the file becomes NAME.age in it. */
      to: z.string().min(1),
      /** Whoever has the file can try as many as they like. */
      filePassphrase: z.string().min(12, 'Use at least 12 characters; ten random words are better.').max(1024),
    }),
    output: z.object({ path: z.string(), bytes: bytesCountSchema }),
    errors: ['NOT_FOUND', 'NOT_A_FILE', 'BAD_TARGET', 'DAMAGED'],
    effect: 'share',
    summary: (i) => `Write ${i.item} to ${i.to} as an age file for others`,
    examples: ['write {item} to {to} as an age file'],
    undo: { never: 'Delete the age file yourself. Whoever has a copy of it and the passphrase can read it for ever.' },
    withheld: forTyping,
    secret: ['filePassphrase'],
    positional: ['item', 'to'],
  }),
} as const;
