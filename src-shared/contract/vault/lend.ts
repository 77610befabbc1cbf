import { z } from 'zod';
import { bytesCountSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { meshTargetSchema } from '../mesh/model.ts';
import { notForPeers } from './parts.ts';

const personOnly = 'Only the person lends out storage and sees passwords.';
const secret = { ...notForPeers, assistant: personOnly, mcp: personOnly } as const;

/** zstor uses no namespace that is limited to 100 MiB or less. */
const leastLent = 128 * 1024 * 1024;

/** What 0-db allows and every system can name a directory. */
const namespaceSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]$/,
    'A name has 2 to 64 letters, digits, dots, dashes and underscores.',
  );

export const lentSchema = z.object({
  /** Of the namespace. */
  name: z.string(),
  /** Who reaches it over the mesh; empty: programs of this computer only. */
  to: z.array(z.string()),
  /** `user`: the borrower names keys; `seq`: keys are numbers given out. */
  mode: z.enum(['user', 'seq']),
  /** The most that may be stored, in bytes. */
  bytes: bytesCountSchema,
  /** Stored now, in bytes. */
  used: bytesCountSchema,
  /** Taken on this computer's disk: also what was replaced and deleted, until that is cleared away. */
  onDisk: bytesCountSchema,
  /** Values stored. */
  keys: z.number().int().nonnegative(),
  since: timeSchema.nullable(),
  /** Why it cannot be used; null when it can. */
  problem: z.string().nullable(),
});
export type Lent = z.infer<typeof lentSchema>;

export const lendingSchema = z.object({
  /** As the person switched it. */
  on: z.boolean(),
  /** Where the storage lies; null before the first time. */
  directory: z.string().nullable(),
  /** Of this computer on the mesh; null when it has none, or nobody is let in over the mesh. */
  host: z.string().nullable(),
  /** On the mesh address. */
  port: z.number().int().nullable(),
  /** On 127.0.0.1; null when it does not run. */
  localPort: z.number().int().nullable(),
  connections: z.number().int().nonnegative(),
  /** Free on the disk, in bytes; null when that cannot be told. */
  free: bytesCountSchema.nullable(),
  lent: z.array(lentSchema),
  /** Why it does not run although it is on, or nobody reaches it; left out when all is well. */
  problem: z.object({ text: z.string(), next: z.string() }).optional(),
});
export type Lending = z.infer<typeof lendingSchema>;

/** Storage of this computer for others: a 0-db server for anyone's zstor or Hypha. */
export const vaultLendContract = {
  'vault.lending': method({
    kind: 'call',
    about: 'Show the storage that is lent to others, how much of it is used and how it is reached.',
    input: z.object({}),
    output: lendingSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See the storage lent to others',
    examples: ['what storage do i lend', 'who uses my disk'],
    withheld: notForPeers,
  }),
  'vault.lend': method({
    kind: 'call',
    about:
      'Lend somebody storage on this computer: a namespace of a 0-db server, with a limit and a password of its own.',
    input: z.object({
      name: namespaceSchema,
      /** The most that may be stored, in bytes; at least 128 MiB. */
      bytes: z.number().int().min(leastLent, 'Lend at least 134217728 bytes (128 MiB): zstor uses nothing smaller.'),
      /** Who reaches it over the mesh; left out: programs of this computer only. */
      to: z.array(meshTargetSchema).max(16).default([]),
      /** `user` for a Hypha and for zstor’s metadata, `seq` for zstor’s data. */
      mode: z.enum(['user', 'seq']).default('user'),
      /** Where the storage of all that is lent lies; only said the first time. */
      directory: z.string().min(1).optional(),
    }),
    output: z.object({
      /** This computer on the mesh; null when it is reached on this computer only, at 127.0.0.1. */
      host: z.string().nullable(),
      port: z.number().int(),
      namespace: z.string(),
      /** Shown this once. */
      password: z.string(),
      mode: z.enum(['user', 'seq']),
      bytes: bytesCountSchema,
    }),
    errors: ['ALREADY_EXISTS', 'BAD_TARGET', 'IN_USE', 'NOT_FOUND', 'TOO_MANY'],
    effect: 'share',
    summary: (i) =>
      i.to.length === 0
        ? `Lend ${i.bytes} bytes of storage as ${i.name} on this computer only`
        : `Lend ${i.bytes} bytes of storage as ${i.name} to ${i.to.join(', ')}`,
    examples: ['lend storage to {to}'],
    undo: { method: 'vault.unlend' },
    withheld: secret,
    positional: ['name', 'bytes', 'to'],
  }),
  'vault.changeLoan': method({
    kind: 'call',
    about: 'Change how much a borrower may store, or make a new password for them.',
    input: z.object({
      name: namespaceSchema,
      /** The most that may be stored from now on; what is stored already stays. */
      bytes: z.number().int().min(leastLent).optional(),
      /** The one before is good no more. */
      newPassword: z.boolean().default(false),
    }),
    output: z.object({
      lent: lentSchema,
      /** Shown this once; null when no new one was asked for. */
      password: z.string().nullable(),
    }),
    errors: ['IN_USE', 'NOT_FOUND'],
    effect: 'share',
    summary: (i) => {
      if (i.bytes === undefined) {
        return i.newPassword
          ? `Make a new password for the storage lent as ${i.name}`
          : `Leave the storage lent as ${i.name} as it is`;
      }
      return `Lend ${i.bytes} bytes as ${i.name} from now on${i.newPassword ? ', with a new password' : ''}`;
    },
    examples: [],
    undo: { method: 'vault.changeLoan' },
    withheld: secret,
    positional: ['name', 'bytes'],
  }),
  'vault.unlend': method({
    kind: 'call',
    about: 'Take lent storage back; all that the borrower stored in it is deleted.',
    input: z.object({ name: namespaceSchema }),
    output: z.object({}),
    errors: ['IN_USE', 'NOT_FOUND'],
    effect: 'delete',
    summary: (i) => `Take back the storage lent as ${i.name} and delete all that is stored in it`,
    examples: [],
    undo: { never: 'What the borrower stored is gone.' },
    withheld: secret,
    positional: ['name'],
  }),
  'vault.lendOn': method({
    kind: 'call',
    about: 'Let borrowers reach the storage that is lent to them again.',
    input: z.object({}),
    output: lendingSchema,
    errors: ['IN_USE', 'NOT_FOUND', 'TOO_MANY'],
    effect: 'share',
    summary: () => 'Open the storage lent to others again',
    examples: [],
    undo: { method: 'vault.lendOff' },
    withheld: secret,
  }),
  'vault.lendOff': method({
    kind: 'call',
    about: 'Close the storage that is lent to others for now; what they stored stays.',
    input: z.object({}),
    output: lendingSchema,
    errors: [],
    effect: 'write',
    summary: () => 'Close the storage lent to others for now',
    examples: [],
    undo: { method: 'vault.lendOn' },
    withheld: notForPeers,
    lessens: true,
  }),
} as const;
