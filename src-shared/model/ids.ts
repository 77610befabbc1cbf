import { z } from 'zod';

/** Branded ids: a string that names one kind of thing and cannot be passed for another. */
export const personIdSchema = z
  .string()
  .regex(/^hy1[a-z2-7]{52}$/)
  .brand<'PersonId'>();
export type PersonId = z.infer<typeof personIdSchema>;

const opaque = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'This is no id. Copy one from a list; names may change.');

export const deviceIdSchema = opaque.brand<'DeviceId'>();
export type DeviceId = z.infer<typeof deviceIdSchema>;

export const contactIdSchema = opaque.brand<'ContactId'>();
export type ContactId = z.infer<typeof contactIdSchema>;

/** A file or folder in the vault; stable across rename and move. `root` and `bin` are the two fixed folders. */
export const itemIdSchema = opaque.brand<'ItemId'>();
export type ItemId = z.infer<typeof itemIdSchema>;

export const placeIdSchema = opaque.brand<'PlaceId'>();
export type PlaceId = z.infer<typeof placeIdSchema>;

export const machineIdSchema = opaque.brand<'MachineId'>();
export type MachineId = z.infer<typeof machineIdSchema>;

export const imageIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/)
  .brand<'ImageId'>();
export type ImageId = z.infer<typeof imageIdSchema>;

/** The last moment that a Date holds, in the year 275760 (ECMA-262, 21.4.1.1): what shows a later one throws. */
export const lastTime = 8.64e15;
/** Milliseconds since 1970 UTC. */
export const timeSchema = z.number().int().nonnegative().max(lastTime);
/** A count of bytes. Safe integers reach 8 PiB, beyond any vault here. */
export const bytesCountSchema = z.number().int().nonnegative();
export const binarySchema = z.custom<Uint8Array>((v) => v instanceof Uint8Array, 'Give bytes.');
