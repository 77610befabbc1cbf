import type { Handlers } from '#core/broker/handlers.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { walletMovementsContract } from '#shared/contract/wallet/movements.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { failures } from '../failures.ts';
import type { Keyring } from '../keys/keyring.ts';
import { csvOf } from './csv.ts';
import { limitOf } from './limits.ts';
import type { Movements } from './movements.ts';
import type { Scanner } from './scanner.ts';

type Methods = typeof walletMovementsContract;

interface Deps {
  readonly movements: Movements;
  readonly scanner: Scanner;
  readonly keyring: Keyring;
  readonly chains: Chains;
}

/** Rows of one table: what one message carries. */
const mostRows = 5_000;

export function movementHandlers({ movements, scanner, keyring, chains }: Deps): Handlers<Methods> {
  const known = (account: EvmAddress | undefined): void => {
    const all = keyring.accounts();
    if (account === undefined || all.some(({ address }) => address.toLowerCase() === account.toLowerCase())) return;
    throw failures.noAccount(account);
  };
  return {
    'wallet.movements': (wanted) => {
      known(wanted.account);
      // Not waited for: a chain may take its time. What it brings is told by an event.
      if (wanted.before === undefined) void scanner.freshen(wanted.chain);
      const limits = chains
        .list()
        .filter(({ ref }) => wanted.chain === undefined || ref === wanted.chain)
        .map((chain) => limitOf(chain, scanner.seen(chain.ref)));
      return { ...movements.list(wanted), limits };
    },
    'wallet.exportMovements': async ({ account, chain }) => {
      known(account);
      await scanner.freshen(chain);
      const { movements: all, next } = movements.list({ account, chain, limit: mostRows });
      return { csv: csvOf(all), rows: all.length, more: next !== null };
    },
  };
}
