import { z } from 'zod';

/** What the person decides of the upkeep. */
export const upkeepSettingsSchema = z.object({
  on: z.boolean().default(true),
  /** Lost pieces are made again without being asked for. */
  repair: z.boolean().default(true),
  /** Pieces are moved to a place that was added until all are used alike. */
  spread: z.boolean().default(true),
  /** In so many days every piece on this computer's disks is read once; on servers in three times as many. */
  days: z.number().int().min(1).max(365).default(30),
  /** Read from each server in a day at most, for some take money for it. */
  serverDailyMiB: z.number().int().min(1).max(1_048_576).default(1024),
  /** Hours that a place is seen away before what it holds is made again elsewhere. */
  graceHours: z.number().int().min(1).max(8760).default(72),
});
export type UpkeepSettings = z.infer<typeof upkeepSettingsSchema>;

export const defaultSettings: UpkeepSettings = upkeepSettingsSchema.parse({});
