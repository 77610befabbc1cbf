import { z } from 'zod';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './parts.ts';

const personOnly = 'Only the person opens the vault to other programs.';

export const webdavSchema = z.object({
  /** As the person switched it; while the vault is locked nothing answers all the same. */
  on: z.boolean(),
  /** It answers now, at this address; null when it does not. */
  address: z.string().nullable(),
  /** The name to give where one is asked for. */
  user: z.string(),
  /** A password was made. It is not kept, only shown once. */
  hasPassword: z.boolean(),
  /** The port that is kept for it; null before the first time. Another may be in use when this one is taken. */
  port: z.number().int().nullable(),
  /** Connections that are open now. */
  connections: z.number().int().nonnegative(),
  /** Why it does not answer although it is on, or answers elsewhere than it did; left out when all is as it was. */
  problem: z
    .object({ code: z.enum(['LOCKED', 'PORT_TAKEN', 'NEEDS_PASSWORD', 'FAILED']), text: z.string(), next: z.string() })
    .optional(),
});
export type Webdav = z.infer<typeof webdavSchema>;

/** The vault as a network drive of this computer. */
export const vaultWebdavContract = {
  'vault.webdavStatus': method({
    kind: 'call',
    about: 'Tell whether the vault can be used as a disk here, and at which address.',
    input: z.object({}),
    output: webdavSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See whether the vault can be used as a disk',
    examples: ['is my vault a disk'],
    withheld: notForPeers,
  }),
  'vault.webdavOn': method({
    kind: 'call',
    about: 'Let file managers of this computer use the vault as a disk (WebDAV), with a password of its own.',
    input: z.object({
      /** Make a new password; the one before is good no more. The first time one is made anyway. */
      newPassword: z.boolean().default(false),
      /** On 127.0.0.1; left out: the one it had, the first time any that is free. */
      port: z.number().int().min(1024).max(65_535).optional(),
    }),
    output: webdavSchema.extend({
      /** Shown this once; null when the one from before is still good. */
      password: z.string().nullable(),
    }),
    errors: ['NO_VAULT', 'PORT_IN_USE'],
    // Not `share`: nothing goes to another person. It opens a second door to all of the vault, which no standing approval may do.
    effect: 'admin',
    summary: (i) =>
      i.newPassword
        ? 'Let programs use the vault as a disk, with a new password'
        : 'Let programs of this computer use the vault as a disk',
    examples: ['use my vault like a disk'],
    undo: { method: 'vault.webdavOff' },
    withheld: { ...notForPeers, assistant: personOnly, mcp: personOnly },
  }),
  'vault.webdavOff': method({
    kind: 'call',
    about: 'Stop letting programs use the vault as a disk; what is open on it is cut off.',
    input: z.object({}),
    output: webdavSchema,
    errors: [],
    // It only takes rights away, like locking.
    effect: 'write',
    summary: () => 'Stop using the vault as a disk',
    examples: ['stop the vault disk'],
    undo: { method: 'vault.webdavOn' },
    withheld: notForPeers,
    lessens: true,
  }),
} as const;
