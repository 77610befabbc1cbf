import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { OwnDevicesSwitch } from '../devices/own-devices.ts';

type Methods = typeof vaultContract;
type Part = Pick<Handlers<Methods>, 'vault.devices' | 'vault.devicesOn' | 'vault.devicesOff' | 'vault.acceptDevice'>;

/** The same files on several devices of one person. */
export function devicesHandlers(own: OwnDevicesSwitch): Part {
  return {
    'vault.devices': () => own.view(),
    async 'vault.devicesOn'(_, context) {
      const before = own.view().on;
      await own.on();
      if (!before) context.undo('vault.devicesOff', {});
      return own.view();
    },
    async 'vault.devicesOff'(_, context) {
      const before = own.view().on;
      await own.off();
      if (before) context.undo('vault.devicesOn', {});
      return own.view();
    },
    'vault.acceptDevice'({ device, code }) {
      own.accept(device, code);
      return own.view();
    },
  };
}

/** What is wrong with a call, so that nobody is asked to allow what cannot be. */
export function devicesChecks(own: OwnDevicesSwitch): Checks<Methods> {
  return { 'vault.acceptDevice': ({ device }) => void own.named(device) };
}

export function devicesNaming(own: OwnDevicesSwitch): Naming<Methods> {
  return {
    'vault.acceptDevice'({ device }) {
      const { name, code } = own.named(device);
      return { device: `“${name}”`, code };
    },
  };
}
