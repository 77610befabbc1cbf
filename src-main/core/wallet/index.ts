import { join } from 'node:path';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import { openDatabase } from '#core/store/database.ts';
import type { walletContract } from '#shared/contract/wallet.ts';
import type { ChainRef } from '#shared/model/evm.ts';
import { createAccounts } from './accounts-port.ts';
import { accountChecks, accountHandlers, accountNaming } from './keys/account-handlers.ts';
import { createKeyring } from './keys/keyring.ts';
import { createFollow } from './outbox/follow.ts';
import { createOutbox } from './outbox/outbox.ts';
import { createSendTable } from './outbox/send-table.ts';
import type { WalletDeps } from './ports.ts';
import { walletMigrations } from './schema.ts';

export type { WalletDeps } from './ports.ts';

/** The person's money: accounts, what they hold, what is sent and what came. */
export interface Wallet {
  readonly handlers: Handlers<typeof walletContract>;
  readonly checks: Checks<typeof walletContract>;
  readonly naming: Naming<typeof walletContract>;
  /** For other parts of Hypha. */
  readonly accounts: Accounts;
  /** The person sent something there before, on that chain. */
  sentTo(chain: ChainRef, address: string): boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  notices(): readonly { readonly code: string; readonly text: string }[];
}

export function createWallet(deps: WalletDeps): Wallet {
  const { host, log, emit, keys, chains } = deps;
  const database = openDatabase({ path: join(deps.home, 'wallet', 'wallet.db'), migrations: walletMigrations, log });
  const keyring = createKeyring({ database, keys, host, log });
  const table = createSendTable(database);
  const probe = deps.probe === undefined ? {} : { probe: deps.probe };
  const outbox = createOutbox({ database, table, keyring, chains, host, log, emit, ...probe });
  const follow = createFollow({ table, outbox, host, log, emit });
  return {
    handlers: { ...accountHandlers({ keyring, keys, host, changed: () => emit({ topic: 'wallet', ids: [] }) }) },
    checks: { ...accountChecks(keyring) },
    naming: { ...accountNaming(keyring) },
    accounts: createAccounts(keyring, outbox, follow),
    sentTo: table.sentTo,
    async start() {
      follow.start();
      void database
        .keepCopy()
        .catch((error: unknown) => log.warn({ error }, 'the copy of the wallet was not refreshed'));
    },
    async stop() {
      keyring.stop();
      await follow.stop();
      await database
        .keepCopy()
        .catch((error: unknown) => log.warn({ error }, 'the copy of the wallet was not refreshed'));
      database.close();
    },
    notices: () => (database.notice === null ? [] : [database.notice]),
  };
}
