import type { Checks, Handlers } from '#core/broker/handlers.ts';
import type { vaultLendContract } from '#shared/contract/vault/lend.ts';
import type { LendingSwitch } from '../lending/lending.ts';

export function lendHandlers(lending: LendingSwitch): Handlers<typeof vaultLendContract> {
  return {
    'vault.lending': () => lending.view(),
    async 'vault.lend'({ name, bytes, to, mode, directory }, context) {
      const handed = await lending.lend({ name, bytes, to, mode, directory });
      context.undo('vault.unlend', { name });
      return { ...handed, namespace: name, mode, bytes };
    },
    async 'vault.changeLoan'({ name, bytes, newPassword }, context) {
      const before = await lending.the(name);
      const password = await lending.change(name, { bytes, newPassword });
      // A password that was replaced is not known any more.
      if (bytes !== undefined && before.bytes > 0) context.undo('vault.changeLoan', { name, bytes: before.bytes });
      return { lent: await lending.the(name), password };
    },
    async 'vault.unlend'({ name }) {
      await lending.unlend(name);
      return {};
    },
    async 'vault.lendOn'(_input, context) {
      const { on } = await lending.view();
      await lending.turnOn();
      if (!on) context.undo('vault.lendOff', {});
      return lending.view();
    },
    async 'vault.lendOff'(_input, context) {
      const { on } = await lending.view();
      await lending.turnOff();
      if (on) context.undo('vault.lendOn', {});
      return lending.view();
    },
  };
}

/** What is wrong with a call, so that nobody is asked to allow what cannot be. */
export const lendChecks = (lending: LendingSwitch): Checks<typeof vaultLendContract> => ({
  'vault.changeLoan': async ({ name }) => void (await lending.the(name)),
  'vault.unlend': async ({ name }) => void (await lending.the(name)),
});
