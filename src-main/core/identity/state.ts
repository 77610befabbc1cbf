import { toBase32 } from '#core/crypto/encoding.ts';
import type { Host, Logger } from '#core/host.ts';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import { type DeviceId, type PersonId, personIdSchema } from '#shared/model/ids.ts';
import { readDeviceKeys } from './device-file.ts';
import { type DeviceKeys, deviceIdOf, devicePublicKeys } from './device-keys.ts';
import type { IdentityFiles } from './files.ts';
import type { Keystore } from './keystore-format.ts';
import type { Profile } from './profile.ts';

export interface Notice {
  readonly code: string;
  readonly text: string;
}

/** What lies on disk, as last read or written. */
export interface Stored {
  readonly profile: Profile | null;
  /** Why the identity cannot be unlocked; null when it can, or when there is none. */
  readonly damage: { readonly path: string; readonly cause: string } | null;
  /** Who the files belong to, as far as they tell. */
  readonly person: PersonId | null;
  readonly factorOn: boolean;
  readonly device: { readonly id: DeviceId; readonly keys: DeviceKeys } | null;
  /** What the person should know about this start. */
  readonly notices: readonly Notice[];
}

export const nothingStored: Stored = {
  profile: null,
  damage: null,
  person: null,
  factorOn: false,
  device: null,
  notices: [],
};

export async function readStored(files: IdentityFiles, host: Host, log: Logger): Promise<Stored> {
  const profile = await files.profile.read();
  const keystore = await files.keystore.read();
  if (profile.state === 'missing') {
    // The profile is written last: what is being made is not acknowledged before, whatever else lies there.
    if (keystore.state === 'missing' || (await files.making.wasCutOff())) return nothingStored;
    const person = keystore.state === 'good' ? holderOf(keystore.value) : null;
    return { ...nothingStored, damage: { path: files.profile.path, cause: 'it is gone' }, person };
  }
  await files.making.end().catch(() => {});
  const notices: Notice[] = [];
  for (const [read, path] of [
    [profile, files.profile.path],
    [keystore, files.keystore.path],
  ] as const) {
    if (read.state === 'good' && read.restored) {
      notices.push({ code: 'RESTORED_FROM_COPY', text: `${path} was damaged and was restored from its copy.` });
    }
  }
  const holder = keystore.state === 'good' ? holderOf(keystore.value) : null;
  if (profile.state === 'damaged') {
    return { ...nothingStored, damage: { path: files.profile.path, cause: profile.cause }, person: holder, notices };
  }
  const { person } = profile.value.record;
  return {
    profile: profile.value,
    damage:
      profile.value.record.keyless && keystore.state === 'missing'
        ? null
        : keystoreDamage(files.keystore.path, keystore, holder, person),
    person,
    factorOn: keystore.state === 'good' && keystore.value.header.factor !== null,
    device: await loadDevice(files, host, log, profile.value, notices),
    notices,
  };
}

function keystoreDamage(
  path: string,
  read: Awaited<ReturnType<IdentityFiles['keystore']['read']>>,
  holder: PersonId | null,
  person: PersonId,
): Stored['damage'] {
  if (read.state === 'missing') return { path, cause: 'it is gone' };
  if (read.state === 'damaged') return { path, cause: read.cause };
  return holder === person ? null : { path, cause: 'it belongs to another person' };
}

async function loadDevice(
  files: IdentityFiles,
  host: Host,
  log: Logger,
  profile: Profile,
  notices: Notice[],
): Promise<Stored['device']> {
  const read = await readDeviceKeys(files.device, host);
  if (read.state === 'good') {
    const id = deviceIdOf(devicePublicKeys(read.keys).sign);
    if (profile.log.devices.some((device) => device.id === id && device.revokedAt === null))
      return { id, keys: read.keys };
  }
  const cause = read.state === 'good' ? 'it is not certified' : read.state === 'missing' ? 'it is gone' : read.cause;
  const next =
    read.state === 'unreadable' && read.keyring
      ? 'Unlock that keyring and start Hypha again; if it is lost, restore with your 24 words.'
      : 'New ones are made when you unlock.';
  log.warn({ path: files.device.path, cause }, 'no device keys');
  notices.push({
    code: 'DEVICE_KEYS_MISSING',
    text: `The keys of this device cannot be used (${files.device.path}: ${cause}). ${next}`,
  });
  return null;
}

/** This computer had device keys and has others now. */
export const deviceReplaced = (path: string, cause: string): Notice => ({
  code: 'DEVICE_REPLACED',
  text: `The keys of this device could not be used any more (${path}: ${cause}), so it counts as a new one from now on. The earlier one is still among your devices: revoke it there.`,
});

/** Another device of the person said so, and this one was told. */
export const deviceRevoked: Notice = {
  code: 'DEVICE_REVOKED',
  text: 'Another of your devices has taken this one’s right to act for you away. It is no longer in your mesh. Unlock here to make it a new device of yours, or delete its data directory.',
};

export function holderOf(keystore: Keystore): PersonId {
  return personIdSchema.parse(`hy1${toBase32(keystore.header.personHash)}`);
}

export function stateOf(stored: Stored, unlocked: boolean): IdentityStatus['state'] {
  if (unlocked) return 'unlocked';
  if (stored.damage !== null) return 'damaged';
  if (stored.profile === null) return 'none';
  return stored.profile.record.keyless ? 'keyless' : 'locked';
}
