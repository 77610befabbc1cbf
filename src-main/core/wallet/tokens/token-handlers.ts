import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { walletMoneyContract } from '#shared/contract/wallet/money.ts';
import { failures } from '../failures.ts';
import { checked } from '../keys/account-handlers.ts';
import type { Keyring } from '../keys/keyring.ts';
import { balancesOf } from './balances.ts';
import type { Tokens } from './tokens.ts';

type Methods = typeof walletMoneyContract;

interface Deps {
  readonly tokens: Tokens;
  readonly keyring: Keyring;
  readonly chains: Chains;
}

export function tokenHandlers({ tokens, keyring, chains }: Deps): Handlers<Methods> {
  return {
    'wallet.tokens': ({ chain }) => {
      keyring.accounts();
      return { tokens: tokens.list(chain) };
    },
    'wallet.addToken': async ({ chain, address }, context) => {
      keyring.accounts();
      const token = await tokens.add(chain, checked(address));
      context.undo('wallet.removeToken', { chain, address });
      return { token };
    },
    'wallet.removeToken': ({ chain, address }, context) => {
      keyring.accounts();
      const row = tokens.remove(chain, address);
      context.undo('wallet.addToken', { chain, address: row.address });
      return {};
    },
    'wallet.balances': ({ account }) => {
      const all = keyring.accounts().map(({ address }) => address);
      const some = account === undefined ? all : all.filter((one) => one.toLowerCase() === account.toLowerCase());
      if (account !== undefined && some.length === 0) throw failures.noAccount(account);
      return balancesOf(chains, tokens, some);
    },
  };
}

export function tokenChecks(chains: Chains): Checks<Methods> {
  return {
    'wallet.addToken': ({ chain, address }) => {
      checked(address);
      if (chains.find(chain) === null) throw failures.noChain(chain);
    },
  };
}

export function tokenNaming(tokens: Tokens, chains: Chains): Naming<Methods> {
  return {
    'wallet.addToken': ({ chain }) => ({ chain: chains.find(chain)?.name }),
    'wallet.removeToken': ({ chain, address }) => {
      const row = tokens.find(chain, address);
      return { chain: chains.find(chain)?.name, address: row === null ? undefined : `${row.symbol} (${row.address})` };
    },
  };
}
