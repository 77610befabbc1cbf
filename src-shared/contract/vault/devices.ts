import { z } from 'zod';
import { bytesCountSchema, deviceIdSchema, timeSchema } from '../../model/ids.ts';

const files = z.number().int().nonnegative();

export const ownDeviceSchema = z.object({
  id: deviceIdSchema,
  name: z.string(),
  /**
   * `same` all that it knows is here; `coming` files of it are on their way; `waits` it is to be accepted here; `waits-there` this one is
   * to be accepted there; `away` it does not answer; `locked`, `off` (there it is not turned on), `keyless` (it has no keys, and so no
   * vault) and `version` (it needs another version of Hypha) say why it takes no part now.
   */
  state: z.enum(['same', 'coming', 'waits', 'waits-there', 'away', 'locked', 'off', 'keyless', 'version']),
  /** Six groups of five digits that its own screen shows for this one; null before it showed itself. */
  code: z.string().nullable(),
  /** It was accepted here, or at a device that was. */
  accepted: z.boolean(),
  /** When it answered last; null when it never did. */
  seenAt: timeSchema.nullable(),
  /** When nothing of it was left to come last; null when that was never so. */
  sameAt: timeSchema.nullable(),
});
export type OwnDevice = z.infer<typeof ownDeviceSchema>;

export const ownDevicesSchema = z.object({
  /** The person said so on this device. */
  on: z.boolean(),
  /** What this device is called among the person's; null where there is none. */
  name: z.string().nullable(),
  /** The person's other devices that were not revoked. */
  devices: z.array(ownDeviceSchema),
  /** Files and folders that are kept the same. */
  entries: files,
  /** Still to come here. */
  waiting: z.object({ files, bytes: bytesCountSchema }),
  /** Of this vault, and still to be told to the others: each file is read once. */
  reading: z.object({ files, bytes: bytesCountSchema }),
  /** Of two versions that were made at the same time both are kept: so many were, since this one started. */
  conflicts: files,
  /** Bytes that came since this one started. */
  received: bytesCountSchema,
  /** What is on its way now. */
  current: z.array(
    z.object({ name: z.string(), size: bytesCountSchema, received: bytesCountSchema, from: z.string() }),
  ),
  /** Why nothing goes on; left out when all is well. */
  problem: z.object({ text: z.string(), next: z.string() }).optional(),
});
export type OwnDevices = z.infer<typeof ownDevicesSchema>;
