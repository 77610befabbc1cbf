import type { Checks, Naming } from '#core/broker/handlers.ts';
import type { identityContract } from '#shared/contract/identity.ts';
import { failures } from './failures.ts';
import type { Service } from './service.ts';
import { describeDevice } from './status.ts';

type Methods = typeof identityContract;

export function identityChecks(service: Service): Checks<Methods> {
  return {
    'identity.revokeDevice': ({ device }) => {
      const { profile, device: own } = service.stored();
      if (!profile?.log.devices.some(({ id }) => id === device)) throw failures.noSuchDevice();
      if (device === own?.id) throw failures.currentDevice();
    },
  };
}

/** Devices by their names, and by their ids too: two may be called the same. */
export function identityNaming(service: Service): Naming<Methods> {
  return {
    'identity.revokeDevice': ({ device }) => {
      const { profile, device: own } = service.stored();
      const known = profile?.log.devices.find(({ id }) => id === device);
      if (!profile || !known) return {};
      return { device: `“${describeDevice(known, profile, own?.id ?? null).name}” (${device})` };
    },
  };
}
