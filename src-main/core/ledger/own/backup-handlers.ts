import type { Handlers } from '#core/broker/handlers.ts';
import type { ledgerBackupContract } from '#shared/contract/ledger/backup.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { type Backups, checkTarget } from './backup.ts';
import { noLedger, type Own } from './own.ts';
import { viewOwn } from './view.ts';

export function backupHandlers(own: Own, backups: Backups): Handlers<typeof ledgerBackupContract> {
  return {
    'ledger.backup': async ({ to }, task) => {
      checkTarget(to);
      task.step('copy', to === undefined ? 'Copy it into your vault' : 'Write the copy');
      return backups.keep(to ?? null, task.signal);
    },
    'ledger.restore': async ({ from }, task) => {
      checkTarget(from);
      task.step('restore', 'Fetch the copy, check it and put it in place');
      await backups.restore(from ?? null, task.signal);
      // The next one that is put back must know of this incarnation. Without a vault there is nowhere to tell it.
      await backups.keep(null, task.signal).catch((error: unknown) => {
        if (!isFail(error)) throw error;
      });
      const view = await viewOwn(own);
      if (view === null) throw noLedger();
      return view;
    },
  };
}
