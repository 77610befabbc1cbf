import { didKeyEncode } from '#core/crypto/did-key.ts';
import { toHex } from '#core/crypto/encoding.ts';
import type { Host } from '#core/host.ts';
import type { Device, IdentityStatus } from '#shared/contract/identity.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { deviceLabels } from './device-labels.ts';
import type { CertifiedDevice } from './key-log.ts';
import type { Profile } from './profile.ts';

export interface StatusInput {
  readonly state: IdentityStatus['state'];
  readonly profile: Profile | null;
  /** This device, when its keys are loaded. */
  readonly device: DeviceId | null;
  /** The keystore asks for a second factor. */
  readonly factorOn: boolean;
  readonly retryAt: number | null;
  readonly worksWhileLocked: IdentityStatus['worksWhileLocked'];
}

export function statusOf(input: StatusInput, host: Host): IdentityStatus {
  const { profile } = input;
  const current = profile?.log.devices.find((device) => device.id === input.device);
  return {
    state: input.state,
    person: profile && {
      id: profile.record.person,
      name: profile.record.name,
      did: didKeyEncode(profile.log.keys.sign),
      publicKey: toHex(profile.log.keys.sign),
      createdAt: profile.record.createdAt,
      phraseConfirmed: profile.record.phraseConfirmed,
    },
    device: profile && current ? describeDevice(current, profile, input.device) : null,
    worksWhileLocked: input.device === null ? [] : [...input.worksWhileLocked],
    autoLockMinutes: profile?.record.autoLockMinutes ?? 15,
    secondFactor: {
      state: input.factorOn ? 'on' : host.keyring === null ? 'unavailable' : 'off',
      detail: host.keyringDetail,
    },
    retryAt: input.retryAt,
  };
}

export function describeDevice(device: CertifiedDevice, profile: Profile, current: DeviceId | null): Device {
  return {
    id: device.id,
    // Named on the device that added it; here the start of its id tells it from others.
    name: profile.record.deviceNames[device.id] ?? `Device ${device.id.slice(0, 6)}`,
    label: deviceLabels(profile.log.devices, profile.record.deviceNames).get(device.id) ?? null,
    current: device.id === current,
    certifiedAt: device.addedAt,
    revokedAt: device.revokedAt,
  };
}
