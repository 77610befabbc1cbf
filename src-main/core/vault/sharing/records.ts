import { z } from 'zod';
import { bytesCountSchema, itemIdSchema, timeSchema } from '#shared/model/ids.ts';
import { bytesSchema } from '../format/packed.ts';
import { sealedRecords } from '../format/sealed-records.ts';
import { arrivalHow } from './format/asking.ts';
import { shareIdSchema } from './format/letter.ts';

/* What is kept of shares, each record sealed by itself (docs/formats/sharing.md). */

const key32 = bytesSchema(32);
const name = z.string().min(1).max(1024);
const count = z.number().int().nonnegative();

/** A share of ours. */
export const givenSchema = z.strictObject({
  v: z.literal(1),
  id: shareIdSchema,
  contact: z.string().max(64),
  /** Whom the contact was when it was shared: nobody else becomes the receiver of it. */
  person: z.string().max(64),
  /** Of their keys, when the key of this generation was sealed to them. */
  epoch: count,
  generation: z.number().int().min(1),
  revision: count,
  /** Of this generation, 32 random bytes. */
  key: key32,
  /** What is shared, and where it lay when it was last seen there: a new version of a file has another id. */
  item: itemIdSchema,
  parent: itemIdSchema.nullable(),
  kind: z.enum(['file', 'folder']),
  name,
  access: z.enum(['read', 'write']),
  expires: timeSchema.nullable(),
  /** Bytes that may still come through this share. */
  room: bytesCountSchema,
  /** Port of the mesh address that the last letter told. */
  port: z.number().int().min(0).max(65_535),
  createdAt: timeSchema,
  /** To which devices of theirs the last letter went. */
  devices: z.string().max(10_000),
  /** The letter with the present terms was handed to the mailbox. */
  told: z.boolean(),
  endedAt: timeSchema.nullable(),
  usedAt: timeSchema.nullable(),
});
export type Given = z.infer<typeof givenSchema>;

/** A share of somebody else's. */
export const takenSchema = z.strictObject({
  v: z.literal(1),
  id: shareIdSchema,
  contact: z.string().max(64),
  person: z.string().max(64),
  generation: z.number().int().min(1),
  revision: count,
  key: key32,
  kind: z.enum(['file', 'folder']),
  name,
  access: z.enum(['read', 'write']),
  expires: timeSchema.nullable(),
  device: key32,
  port: z.number().int().min(1).max(65_535),
  offeredAt: timeSchema,
  arrivedAt: timeSchema,
  /** By its owner. */
  endedAt: timeSchema.nullable(),
  /** The person wants it no more. */
  leftAt: timeSchema.nullable(),
  seenAt: timeSchema.nullable(),
});
export type Taken = z.infer<typeof takenSchema>;

/** A file that came through a share of ours. */
export const arrivalSchema = z.strictObject({
  v: z.literal(1),
  share: shareIdSchema,
  contact: z.string().max(64),
  item: itemIdSchema,
  name,
  size: bytesCountSchema,
  how: z.enum(arrivalHow),
  at: timeSchema,
});
export type Arrival = z.infer<typeof arrivalSchema>;

const schemas = { given: givenSchema, taken: takenSchema, arrival: arrivalSchema } as const;
export type RecordKind = keyof typeof schemas;
export type RecordOf<K extends RecordKind> = z.infer<(typeof schemas)[K]>;

export const { recordKey, sealRecord, openRecord } = sealedRecords(schemas, 'hypha vault sharing v1');
