import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { Core } from '../core.ts';
import type { DiskSwitch } from '../webdav/switch.ts';

export function webdavHandlers(
  core: Core,
  disk: DiskSwitch,
): Pick<Handlers<typeof vaultContract>, 'vault.webdavStatus' | 'vault.webdavOn' | 'vault.webdavOff'> {
  return {
    'vault.webdavStatus': () => disk.view(),
    async 'vault.webdavOn'(input, context) {
      core.root();
      core.opened();
      const wasOn = disk.view().on;
      const password = await disk.turnOn({ newPassword: input.newPassword, port: input.port });
      if (!wasOn) context.undo('vault.webdavOff', {});
      return { ...disk.view(), password };
    },
    async 'vault.webdavOff'(_input, context) {
      const wasOn = disk.view().on;
      await disk.turnOff();
      if (wasOn) context.undo('vault.webdavOn', {});
      return disk.view();
    },
  };
}
