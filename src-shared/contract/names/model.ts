import { z } from 'zod';
import { chainRefSchema, evmAddressSchema, hash32Schema, unitsSchema } from '../../model/evm.ts';
import { personIdSchema, timeSchema } from '../../model/ids.ts';

/** A name as a person types it, alone or with the ledger it is from: `ann`, `ann.toms-ledger`. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, 'Type a name.')
  .max(255, 'A name has at most 63 bytes, and so has that of a ledger.');

/** Which ledger: its name, the part behind the point in `ann.toms-ledger`, or its chain as `eip155:NUMBER`. */
export const ledgerSchema = z.string().trim().min(1).max(255);

/** Whole days from now. */
export const daysSchema = z
  .number()
  .int()
  .min(1, 'A name is held for at least a day.')
  .max(730, 'A name is held for at most two years.')
  .default(365);

/** The ledger a name is from. The same name on another ledger may be somebody else’s. */
export const nameLedgerSchema = z.object({
  chain: chainRefSchema,
  name: z.string(),
  /** The part behind the point. */
  label: z.string(),
  kind: z.enum(['own', 'contact', 'public']),
});
export type NameLedger = z.infer<typeof nameLedgerSchema>;

export const nameServiceSchema = z.object({
  name: z.string().trim().min(1).max(64),
  /** Where it is: a URL. */
  url: z.string().trim().min(1).max(256),
});

/** What a name points to, as its owner signed it. */
export const nameRecordSchema = z.object({
  sequence: z.number().int().positive(),
  signedAt: timeSchema,
  person: z
    .object({
      id: personIdSchema,
      /** `proven` their own keys signed it too; `claimed` nobody here can check that; `me` it is the person themselves. */
      is: z.enum(['me', 'proven', 'claimed']),
      /** What you call them, when they are a contact and it is proven. */
      contact: z.string().nullable(),
    })
    .nullable(),
  mesh: z.array(z.string()),
  wallet: evmAddressSchema.nullable(),
  services: z.array(nameServiceSchema),
});
export type NameRecordView = z.infer<typeof nameRecordSchema>;

/** One name on one ledger. */
export const nameEntrySchema = z.object({
  label: z.string(),
  /** With its ledger: `ann.toms-ledger`. */
  full: z.string(),
  ledger: nameLedgerSchema,
  /**
   * `free` anybody can take it; `held`; `grace` it ran out, and for 90 days only its owner can go on with it; `unknown` the ledger did not answer and nothing of it is kept here.
   */
  state: z.enum(['free', 'held', 'grace', 'unknown']),
  mine: z.boolean(),
  owner: evmAddressSchema.nullable(),
  expiresAt: timeSchema.nullable(),
  /** What lies there while the name is held, or would for a free one; in the smallest unit of the ledger’s coin. */
  deposit: unitsSchema,
  /** The same with its symbol; null where nothing is paid with coin. */
  depositText: z.string().nullable(),
  record: nameRecordSchema.nullable(),
  /**
   * `current` what the ledger says now; `none` the name points to nothing; `kept` the ledger did not answer, this is what it said
   * at `seenAt`; `unreadable` the ledger names a record that is not there, or not what its owner signed.
   */
  recordState: z.enum(['current', 'none', 'kept', 'unreadable']),
  /** When the ledger was asked last. */
  seenAt: timeSchema.nullable(),
});
export type NameEntry = z.infer<typeof nameEntrySchema>;

export const registrationIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{22}$/, 'This is no registration. Copy its id from the list.');

/** A name that is being taken: first unseen, a minute later in the open. */
export const registrationSchema = z.object({
  id: registrationIdSchema,
  label: z.string(),
  full: z.string(),
  ledger: nameLedgerSchema,
  state: z.enum(['committing', 'waiting', 'registering', 'done', 'failed']),
  startedAt: timeSchema,
  /** From when the ledger lets it be taken; null before it is on the ledger. */
  readyAt: timeSchema.nullable(),
  /** Why it came to nothing, or is not going on at the moment. */
  trouble: z.string().nullable(),
  transaction: hash32Schema.nullable(),
});
export type Registration = z.infer<typeof registrationSchema>;
