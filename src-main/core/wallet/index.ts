import { join } from 'node:path';
import { hashMessage, hexToBytes } from 'viem';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import { openDatabase } from '#core/store/database.ts';
import type { walletContract } from '#shared/contract/wallet.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { createAccounts, signHash } from './accounts-port.ts';
import { createAddressTable } from './book/address-table.ts';
import { createBook } from './book/book.ts';
import { bookChecks, bookHandlers, bookNaming } from './book/book-handlers.ts';
import { movementHandlers } from './history/movement-handlers.ts';
import { createMovements } from './history/movements.ts';
import { createScanner } from './history/scanner.ts';
import { createTransferTable } from './history/transfer-table.ts';
import { accountChecks, accountHandlers, accountNaming } from './keys/account-handlers.ts';
import { createKeyring } from './keys/keyring.ts';
import { createFollow } from './outbox/follow.ts';
import { createOutbox } from './outbox/outbox.ts';
import { createSendTable } from './outbox/send-table.ts';
import type { WalletDeps } from './ports.ts';
import { walletMigrations } from './schema.ts';
import { signingChecks, signingHandlers } from './signing-handlers.ts';
import { tokenChecks, tokenHandlers, tokenNaming } from './tokens/token-handlers.ts';
import { createTokenTable } from './tokens/token-table.ts';
import { createTokens } from './tokens/tokens.ts';
import { createResolve } from './transfer/resolve.ts';
import { transferChecks, transferHandlers, transferNaming } from './transfer/transfer-handlers.ts';

export type { WalletDeps } from './ports.ts';

/** The person's money: accounts, what they hold, what is sent and what came. */
export interface Wallet {
  readonly handlers: Handlers<typeof walletContract>;
  readonly checks: Checks<typeof walletContract>;
  readonly naming: Naming<typeof walletContract>;
  /** For other parts of Hypha. */
  readonly accounts: Accounts;
  /** A message by EIP-191. @throws Fail LOCKED, NOT_FOUND */
  signMessage(from: EvmAddress, message: `0x${string}`): Promise<`0x${string}`>;
  /** The person sent something there before, on that chain. */
  sentTo(chain: ChainRef, address: string): boolean;
  /** Contacts whose addresses are known, by what the person calls them; none while locked. */
  people(): readonly { readonly contact: string; readonly address: EvmAddress; readonly name: string }[];
  start(): Promise<void>;
  stop(): Promise<void>;
  notices(): readonly { readonly code: string; readonly text: string }[];
}

export function createWallet(deps: WalletDeps): Wallet {
  const { host, log, emit, keys, chains, people } = deps;
  const database = openDatabase({ path: join(deps.home, 'wallet', 'wallet.db'), migrations: walletMigrations, log });
  const changed = (): void => emit({ topic: 'wallet', ids: [] });
  const keyring = createKeyring({ database, keys, host, log });
  const sends = createSendTable(database);
  const probe = deps.probe === undefined ? {} : { probe: deps.probe };
  const outbox = createOutbox({ database, table: sends, keyring, chains, host, log, emit, ...probe });
  const follow = createFollow({ table: sends, outbox, host, log, emit });
  const tokens = createTokens({ table: createTokenTable(database), chains, people, host, log, changed });
  const book = createBook({ table: createAddressTable(database), people, keyring, host, changed });
  const transfers = createTransferTable(database);
  const scanner = createScanner({ table: transfers, tokens, keyring, chains, host, log, changed });
  const movements = createMovements({ sends, transfers, tokens, book, chains });
  const resolve = createResolve({ chains, tokens, book, keyring });
  // A ledger that came brings its credits.
  const stopChains = chains.onChange(() => {
    for (const chain of chains.list())
      void tokens
        .refresh(chain)
        .catch((error: unknown) => log.error({ error: String(error) }, 'a chain was not asked for its tokens'));
    changed();
  });
  const keepCopy = (): Promise<void> =>
    database.keepCopy().catch((error: unknown) => log.warn({ error }, 'the copy of the wallet was not refreshed'));

  return {
    handlers: {
      ...accountHandlers({ keyring, keys, host, changed }),
      ...tokenHandlers({ tokens, keyring, chains }),
      ...transferHandlers({ resolve, tokens, outbox, follow, table: sends, movements, keyring, host }),
      ...movementHandlers({ movements, scanner, keyring, chains }),
      ...bookHandlers(book, people, keyring),
      ...signingHandlers(keyring),
    },
    checks: {
      ...accountChecks(keyring),
      ...tokenChecks(chains),
      ...transferChecks({ resolve, table: sends, outbox }),
      ...bookChecks(book, people),
      ...signingChecks,
    },
    naming: {
      ...accountNaming(keyring),
      ...tokenNaming(tokens, chains),
      ...transferNaming({ resolve, table: sends }),
      ...bookNaming(people),
    },
    accounts: createAccounts(keyring, outbox, follow),
    sentTo: sends.sentTo,
    people: () =>
      book.all().flatMap(({ contact, address }) => {
        const name = people.nameOf(contact);
        return address === null || name === null ? [] : [{ contact, address, name }];
      }),
    signMessage: async (from, raw) => signHash(keyring, from, hexToBytes(hashMessage({ raw }))),
    async start() {
      follow.start();
      scanner.start();
      void keepCopy();
    },
    async stop() {
      stopChains();
      keyring.stop();
      await Promise.all([scanner.stop(), follow.stop()]);
      await keepCopy();
      database.close();
    },
    notices: () => (database.notice === null ? [] : [database.notice]),
  };
}
