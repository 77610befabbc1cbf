import { getAddress } from 'viem';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import { fromHex } from '#core/crypto/encoding.ts';
import { evmAddressOf } from '#core/crypto/evm-sign.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { Host } from '#core/host.ts';
import type { WalletAccount, walletAccountsContract } from '#shared/contract/wallet/accounts.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { failures } from '../failures.ts';
import type { WalletKeys } from '../ports.ts';
import type { AccountRow } from './account-table.ts';
import type { Keyring } from './keyring.ts';
import { sealKey } from './sealed-key.ts';

type Methods = typeof walletAccountsContract;

/** Accounts of one wallet: each costs questions to every chain. */
const most = 100;

interface Deps {
  readonly keyring: Keyring;
  readonly keys: WalletKeys;
  readonly host: Pick<Host, 'now' | 'random'>;
  readonly changed: () => void;
}

export function accountHandlers({ keyring, keys, host, changed }: Deps): Handlers<Methods> {
  const save = (row: AccountRow): { account: WalletAccount } => {
    keyring.put(row);
    changed();
    return { account: viewOf(row) };
  };
  const present = (address: string): AccountRow => {
    const row = keyring.accounts().find((one) => one.address.toLowerCase() === address.toLowerCase());
    if (row === undefined) throw failures.noAccount(address);
    return row;
  };
  const room = (): void => {
    if (keyring.accounts().length < most) return;
    throw fail('TOO_MANY', `There are already ${most} accounts.`, {
      meaning: 'Nothing was added.',
      next: 'Remove some that you do not need.',
    });
  };
  /** What is not there yet, or takes the place of one that was removed or only watched. */
  const fresh = (address: EvmAddress, more: Pick<AccountRow, 'kind' | 'position' | 'sealed' | 'name'>): AccountRow => {
    const main = keyring.signers().length === 0 && more.kind !== 'watched';
    return { address, ...more, main, addedAt: host.now(), removedAt: null };
  };

  return {
    'wallet.accounts': ({ removed }) => {
      keyring.accounts();
      return {
        accounts: keyring
          .everyone()
          .filter(({ removedAt }) => (removedAt !== null) === removed)
          .map(viewOf),
      };
    },

    'wallet.addAccount': ({ name }, context) => {
      keyring.accounts();
      const used = new Set(keyring.everyone().map(({ position, removedAt }) => (removedAt === null ? position : null)));
      let position = 0;
      while (used.has(position)) position++;
      room();
      const key = keys.account(position);
      if (key === null) throw failures.locked();
      wipe(key.secret);
      const address = key.address as EvmAddress;
      context.undo('wallet.removeAccount', { address });
      return save(fresh(address, { kind: 'phrase', position, sealed: null, name: name ?? `Account ${position + 1}` }));
    },

    'wallet.importKey': ({ key, name }, context) => {
      const root = keys.seal();
      if (root === null) throw failures.locked();
      const secret = fromHex(key.replace(/^0x/i, '').toLowerCase());
      const address = secret === null ? null : (evmAddressOf(secret) as EvmAddress | null);
      if (secret === null || address === null) throw badKey();
      const known = keyring.find(address);
      const isHere = known !== null && known.removedAt === null && known.kind !== 'watched';
      if (isHere) {
        wipe(secret);
        return { account: viewOf(known) };
      }
      room();
      const sealed = sealKey(secret, address, root, host.random);
      wipe(secret);
      context.undo('wallet.removeAccount', { address });
      return save(fresh(address, { kind: 'imported', position: null, sealed, name }));
    },

    'wallet.watch': ({ address: typed, name }, context) => {
      const address = checked(typed);
      const known = keyring.accounts().find((row) => row.address === address);
      if (known !== undefined) return { account: viewOf(known) };
      room();
      context.undo('wallet.removeAccount', { address });
      return save(fresh(address, { kind: 'watched', position: null, sealed: null, name }));
    },

    'wallet.nameAccount': ({ address, name }, context) => {
      const before = present(address);
      context.undo('wallet.nameAccount', { address: before.address, name: before.name });
      return save({ ...before, name });
    },

    'wallet.useAccount': ({ address }, context) => {
      const row = present(address);
      if (row.kind === 'watched') throw failures.watched(row.address);
      const before = keyring.signers()[0];
      if (before !== undefined) context.undo('wallet.useAccount', { address: before });
      return save({ ...row, main: true });
    },

    'wallet.removeAccount': ({ address }, context) => {
      const row = removable(keyring, present(address));
      context.undo('wallet.restoreAccount', { address: row.address });
      save({ ...row, removedAt: host.now() });
      return { warning: warningOf(row) };
    },

    'wallet.restoreAccount': ({ address }, context) => {
      keyring.accounts();
      const row = keyring.find(address);
      if (row === null) throw failures.noAccount(address);
      context.undo('wallet.removeAccount', { address: row.address });
      return save({ ...row, removedAt: null });
    },
  };
}

export function accountChecks(keyring: Keyring): Checks<Methods> {
  const known = ({ address }: { address: string }): AccountRow => {
    const row = keyring.find(address);
    if (row === null) throw failures.noAccount(address);
    return row;
  };
  return {
    'wallet.watch': ({ address }) => void checked(address),
    'wallet.nameAccount': (input) => void known(input),
    'wallet.useAccount': (input) => void known(input),
    'wallet.removeAccount': (input) => void removable(keyring, known(input)),
    'wallet.restoreAccount': (input) => void known(input),
  };
}

/** Accounts by what the person calls them, and by their address too: two may be called the same. */
export function accountNaming(keyring: Keyring): Naming<Methods> {
  const named = ({ address }: { address: string }): { address?: string } => {
    const row = keyring.isUnlocked() ? keyring.find(address) : null;
    return row === null ? {} : { address: `“${row.name}” (${row.address})` };
  };
  return {
    'wallet.nameAccount': named,
    'wallet.useAccount': named,
    'wallet.removeAccount': (input) => {
      const row = keyring.isUnlocked() ? keyring.find(input.address) : null;
      const warning = row && warningOf(row);
      const { address } = named(input);
      return warning === null || address === undefined ? named(input) : { address: `${address}. ${warning}` };
    },
    'wallet.restoreAccount': named,
  };
}

const viewOf = ({ address, kind, position, name, main, addedAt, removedAt }: AccountRow): WalletAccount => {
  return { address, kind, position, name, main, addedAt, removedAt };
};

/** @throws Fail MAIN_ACCOUNT */
function removable(keyring: Keyring, row: AccountRow): AccountRow {
  if (!row.main || keyring.signers().length === 0) return row;
  throw fail('MAIN_ACCOUNT', `“${row.name}” is the account that is used where no other is named.`, {
    meaning: 'Nothing was removed.',
    next: 'Choose another account to be used first.',
  });
}

const warningOf = ({ kind }: AccountRow): string | null =>
  kind === 'imported'
    ? 'Its key lies sealed on this device only, and stays so that you can put it back: keep it elsewhere too'
    : null;

const badKey = () =>
  fail('BAD_KEY', 'This is no key of an account.', {
    meaning: 'Nothing was imported.',
    next: 'Give the key as 64 digits from 0 to 9 and a to f. Words of a recovery phrase are no key.',
  });

/** With the checksum of EIP-55; small or capital letters alone bear none, mixed ones must bear theirs. @throws Fail BAD_CHECKSUM */
export function checked(address: EvmAddress): EvmAddress {
  const right = getAddress(address.toLowerCase() as EvmAddress) as EvmAddress;
  const digits = address.slice(2);
  if (address === right || digits === digits.toLowerCase() || digits === digits.toUpperCase()) return right;
  throw fail('BAD_CHECKSUM', 'This address has a wrong letter in it.', {
    meaning: 'It was not used: money sent to a wrong address is lost.',
    next: 'Copy it again from where you have it.',
  });
}
