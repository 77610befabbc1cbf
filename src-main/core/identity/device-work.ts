import type { Host, Logger } from '#core/host.ts';
import type { DeviceId, PersonId } from '#shared/model/ids.ts';
import { saveProfile } from './establish.ts';
import { failures } from './failures.ts';
import type { IdentityFiles } from './files.ts';
import { makeDeviceRevoke, type VerifiedLog } from './key-log.ts';
import { type DeviceAdd, type Entry, entrySchema } from './key-log-entry.ts';
import { joinKeyLogs } from './key-log-join.ts';
import type { Profile } from './profile.ts';
import type { Secrets } from './session.ts';
import { deviceRevoked, type Stored } from './state.ts';

/** What is done to the list of the person's devices, which is their key log. */
export interface DeviceWork {
  /** @throws Fail LOCKED, NOT_FOUND, CURRENT_DEVICE */
  revokeDevice(device: DeviceId): Promise<void>;
  /** Take an entry that certifies another device into the log, and remember what it is called. */
  certify(entry: DeviceAdd, name: string): Promise<{ person: PersonId; name: string; log: readonly Entry[] }>;
  /**
   * Take in what another device of the person knows of their log. Also while locked: every entry proves itself.
   *
   * @returns whether there was anything new; false too for a log that contradicts ours
   */
  merge(entries: readonly Entry[]): Promise<boolean>;
}

interface Ground {
  readonly host: Host;
  readonly log: Logger;
  readonly files: IdentityFiles;
  /** One piece of work after the other. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  stored(): Stored;
  store(next: Stored): void;
  changed(): void;
  requireProfile(): Profile;
  requireSecrets(): Secrets;
}

export function createDeviceWork(ground: Ground): DeviceWork {
  const { host, log, files, exclusive, stored, store, changed, requireProfile, requireSecrets } = ground;
  return {
    revokeDevice: (device) =>
      exclusive(async () => {
        const { keys } = requireSecrets();
        const profile = requireProfile();
        const known = profile.log.devices.find((candidate) => candidate.id === device);
        if (known === undefined) throw failures.noSuchDevice();
        if (device === stored().device?.id) throw failures.currentDevice();
        if (known.revokedAt !== null) return;
        const entry = makeDeviceRevoke(profile.log.head, keys.current, device, host.now());
        const record = { ...profile.record, log: [...profile.record.log, entry] };
        store({ ...stored(), profile: await saveProfile(files, record) });
        changed();
      }),

    certify: (entry, name) =>
      exclusive(async () => {
        requireSecrets();
        const { record } = requireProfile();
        const deviceNames = { ...record.deviceNames, [entry.device]: name };
        const profile = await saveProfile(files, { ...record, deviceNames, log: [...record.log, entry] });
        store({ ...stored(), profile });
        changed();
        const log = profile.record.log.map((item) => entrySchema.parse(item));
        return { person: record.person, name: record.name, log };
      }),

    merge: (entries) =>
      exclusive(async () => {
        const { record, log: known } = requireProfile();
        const joined = joinKeyLogs(
          record.log.map((entry) => entrySchema.parse(entry)),
          entries,
        );
        if (!joined.ok) {
          log.error({ why: joined.why }, 'another device of the person tells another history of their keys');
          return false;
        }
        if (joined.entries.length === record.log.length) return false;
        const profile = await saveProfile(files, { ...record, log: [...joined.entries] });
        const id = stored().device?.id;
        const was = known.devices.find((device) => device.id === id)?.revokedAt ?? null;
        const revoked = id !== undefined && was === null && isRevoked(profile.log, id);
        const before = stored();
        store({
          ...before,
          profile,
          ...(revoked ? { device: null, notices: [...before.notices, deviceRevoked] } : {}),
        });
        changed();
        return true;
      }),
  };
}

function isRevoked(keyLog: VerifiedLog, id: DeviceId): boolean {
  return keyLog.devices.some((device) => device.id === id && device.revokedAt !== null);
}
