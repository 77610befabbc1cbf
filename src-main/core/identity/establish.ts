import type { Host, Logger } from '#core/host.ts';
import type { PersonId } from '#shared/model/ids.ts';
import { encodeDeviceFile, readDeviceKeys } from './device-file.ts';
import { type DeviceKeys, deviceIdOf, devicePublicKeys, makeDeviceKeys } from './device-keys.ts';
import type { IdentityFiles } from './files.ts';
import { makeDeviceAdd, makeInception, type VerifiedLog, verifyKeyLog } from './key-log.ts';
import { type Entry, personIdOf } from './key-log-entry.ts';
import type { PersonKeys } from './person-keys.ts';
import { encodeProfile, type Profile, type ProfileRecord } from './profile.ts';

interface Ground {
  readonly files: IdentityFiles;
  readonly host: Host;
  readonly log: Logger;
  /** What this computer is called. */
  readonly deviceName: string;
}

/** Who these keys are: the same phrase gives the same id on every computer. */
export function personOf(keys: PersonKeys): PersonId {
  return personIdOf(makeInception(keys));
}

/** A first profile: the log holds the inception only. */
export function newProfileRecord(keys: PersonKeys, name: string, now: number): ProfileRecord {
  const inception = makeInception(keys);
  return {
    v: 1,
    person: personIdOf(inception),
    name,
    createdAt: now,
    phraseConfirmed: false,
    autoLockMinutes: 15,
    deviceNames: {},
    log: [inception],
  };
}

/** The profile of a device that another device of the person has certified. */
export function adoptedRecord(
  given: {
    person: PersonId;
    name: string;
    deviceName: string;
    log: readonly Entry[];
    device: DeviceKeys;
    keyless: boolean;
  },
  host: Pick<Host, 'now'>,
): ProfileRecord {
  return {
    v: 1,
    person: given.person,
    name: given.name,
    createdAt: host.now(),
    // The words were written down, or not, where they were made: there the reminder stays.
    phraseConfirmed: true,
    autoLockMinutes: 15,
    deviceNames: { [deviceIdOf(devicePublicKeys(given.device).sign)]: given.deviceName },
    log: [...given.log],
    ...(given.keyless ? { keyless: true as const } : {}),
  };
}

/**
 * Make sure that this computer has device keys which the person's log certifies: those of the file when they can be read
 * and are not revoked, else new ones. Writes the device file before anything names its keys; the caller writes the record.
 *
 * @param options.replace make new keys also when only the keyring stands in the way. Without it they are left alone and
 * the device is null: a keyring may come back (it is locked, or the other shell has it), and this computer should not
 * become another device each time it is away.
 *
 * @returns `replaced`: why this computer's earlier keys gave way to new ones, null when they did not or it had none
 */
export async function certifyDevice(
  ground: Ground,
  record: ProfileRecord,
  keys: PersonKeys,
  options: { replace: boolean },
): Promise<{ record: ProfileRecord; device: DeviceKeys | null; replaced: string | null }> {
  const { files, host, log } = ground;
  const verified = checked(record);
  const read = await readDeviceKeys(files.device, host);
  if (read.state === 'good') {
    const id = deviceIdOf(devicePublicKeys(read.keys).sign);
    const known = verified.devices.find((device) => device.id === id);
    if (known === undefined)
      return { record: withDevice(ground, record, verified, keys, read.keys), device: read.keys, replaced: null };
    if (known.revokedAt === null) return { record, device: read.keys, replaced: null };
  }
  if (read.state === 'unreadable' && read.keyring && !options.replace) return { record, device: null, replaced: null };
  if (read.state !== 'missing') await files.device.setAside(`unused-${host.now()}`);
  const device = makeDeviceKeys(host.random);
  await files.device.write(await encodeDeviceFile(device, host, log));
  const why = read.state === 'good' ? 'it was revoked' : read.state === 'missing' ? 'it is gone' : read.cause;
  const replaced = verified.devices.length > 0 ? why : null;
  return { record: withDevice(ground, record, verified, keys, device), device, replaced };
}

function withDevice(
  { host, deviceName }: Ground,
  record: ProfileRecord,
  verified: VerifiedLog,
  keys: PersonKeys,
  device: DeviceKeys,
): ProfileRecord {
  const id = deviceIdOf(devicePublicKeys(device).sign);
  const entry = makeDeviceAdd(verified.head, keys.current, device, host.now());
  return { ...record, log: [...record.log, entry], deviceNames: { ...record.deviceNames, [id]: deviceName } };
}

/** Write a record and answer with it as it will be read. */
export async function saveProfile(files: IdentityFiles, record: ProfileRecord): Promise<Profile> {
  const profile = { record, log: checked(record) };
  await files.profile.write(encodeProfile(record));
  return profile;
}

function checked(record: ProfileRecord): VerifiedLog {
  const verified = verifyKeyLog(record.log);
  // Made here or read through a decoder that checks it: anything else is a fault of the program.
  if (!verified.ok) throw new Error(`key log does not verify: ${verified.fault} at ${verified.at}`);
  return verified.log;
}
