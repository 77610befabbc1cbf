import { z } from 'zod';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { deviceIdSchema, personIdSchema, timeSchema } from '#shared/model/ids.ts';
import { type CheckedJsonOutcome, decodeCheckedJson, encodeCheckedJson } from './checked-json.ts';
import { keyLogMost, type VerifiedLog, verifyKeyLog } from './key-log.ts';

/** What is known about the person without the passphrase: nothing secret. File `profile.json`. */
const profileSchema = z.strictObject({
  v: z.literal(1),
  person: personIdSchema,
  name: displayNameSchema,
  createdAt: timeSchema,
  phraseConfirmed: z.boolean(),
  autoLockMinutes: z.number().int().min(0).max(1440),
  /** Names of devices are for this person only; the log that others see has none. */
  deviceNames: z.record(deviceIdSchema, displayNameSchema),
  /** The signed key log, from inception on. */
  log: z.array(z.record(z.string(), z.unknown())).max(keyLogMost),
  /** The device acts for the person and was never given their keys: there is no keystore, and that is no damage. */
  keyless: z.literal(true).optional(),
});
export type ProfileRecord = z.infer<typeof profileSchema>;

export interface Profile {
  readonly record: ProfileRecord;
  /** The log in the record, checked. */
  readonly log: VerifiedLog;
}

export function encodeProfile(record: ProfileRecord): Uint8Array {
  return encodeCheckedJson(record);
}

export function decodeProfile(file: Uint8Array): CheckedJsonOutcome<Profile> {
  const decoded = decodeCheckedJson(file, 1, profileSchema);
  if (!decoded.ok) return decoded;
  const record = decoded.value;
  const verified = verifyKeyLog(record.log);
  if (!verified.ok) {
    return { ok: false, newer: false, cause: `its key log does not verify (${verified.fault} at ${verified.at})` };
  }
  if (verified.log.person !== record.person) {
    return { ok: false, newer: false, cause: 'its key log belongs to another person' };
  }
  return { ok: true, value: { record, log: verified.log } };
}
