import { z } from 'zod';
import { deviceIdSchema, timeSchema } from '#shared/model/ids.ts';
import { bytesSchema } from '../../format/packed.ts';
import { sealedRecords } from '../../format/sealed-records.ts';
import { acceptanceSchema } from './format/statements.ts';

/* What a device keeps of the person's other devices, each record sealed by itself (docs/formats/devices.md). */

/** This device. One that was certified anew begins anew. */
export const selfSchema = z.strictObject({
  v: z.literal(1),
  device: deviceIdSchema,
  /** The vault that the person said this for, 32 hex digits. */
  vault: z.string().regex(/^[0-9a-f]{32}$/),
  on: z.boolean(),
  /** Of this device's X-Wing key. */
  seed: bytesSchema(32),
  at: timeSchema,
});
export type Self = z.infer<typeof selfSchema>;

/** Another device, as it showed itself last. */
export const otherSchema = z.strictObject({
  v: z.literal(1),
  device: deviceIdSchema,
  name: z.string().max(200),
  /** Its announcement; null before it was met. */
  announcement: bytesSchema(1, 2048).nullable(),
  seenAt: timeSchema.nullable(),
  /** When nothing of it was to come last. */
  sameAt: timeSchema.nullable(),
});
export type Other = z.infer<typeof otherSchema>;

const schemas = { self: selfSchema, other: otherSchema, acceptance: acceptanceSchema } as const;
export type RecordKind = keyof typeof schemas;
export type RecordOf<K extends RecordKind> = z.infer<(typeof schemas)[K]>;

export const { recordKey, sealRecord, openRecord } = sealedRecords(schemas, 'hypha vault devices records v1');
