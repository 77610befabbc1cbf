import { wipe } from '#core/crypto/wipe.ts';
import type { Host, Logger } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import { failures } from '../failures.ts';
import type { WalletKeys } from '../ports.ts';
import { type AccountRow, createAccountTable } from './account-table.ts';
import { openKey } from './sealed-key.ts';

export type Keyring = ReturnType<typeof createKeyring>;

interface Deps {
  readonly database: Database;
  readonly keys: WalletKeys;
  readonly host: Pick<Host, 'now'>;
  readonly log: Logger;
}

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The person's accounts, and their keys for the moment that one is signed with. */
export function createKeyring({ database, keys, host, log }: Deps) {
  const table = createAccountTable(database);
  const listeners = new Set<() => void>();
  let rows = table.all();

  const unlocked = (): boolean => keys.seal() !== null;
  const present = (): AccountRow[] => rows.filter(({ removedAt }) => removedAt === null);
  const find = (address: string): AccountRow | null => rows.find((row) => sameAddress(row.address, address)) ?? null;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  function put(...changed: readonly AccountRow[]): void {
    database.transaction(() => {
      for (const row of changed) table.put(row);
    });
    rows = table.all();
    tell();
  }

  /** The first account of whoever unlocked is there from the first unlock on. */
  function welcome(): void {
    const first = keys.account(0);
    if (first === null) return;
    wipe(first.secret);
    const address = first.address as EvmAddress;
    const known = rows.find(({ kind, position }) => kind === 'phrase' && position === 0);
    if (known?.address === address) return;
    if (known !== undefined) log.warn({}, 'the accounts here are of another phrase: they are only watched from now on');
    const strangers = rows.flatMap((row): AccountRow[] =>
      row.kind === 'phrase' ? [{ ...row, kind: 'watched', position: null, main: false }] : [],
    );
    const mine = { address, kind: 'phrase', position: 0, sealed: null, name: 'Account 1', main: true } as const;
    put(...strangers, { ...mine, addedAt: host.now(), removedAt: null });
  }

  const stop = keys.onChange(() => {
    if (unlocked()) welcome();
    tell();
  });
  if (unlocked()) welcome();

  return {
    /** Those that are not removed, watched ones too. @throws Fail LOCKED */
    accounts(): readonly AccountRow[] {
      if (!unlocked()) throw failures.locked();
      return present();
    },
    /** Removed ones too. */
    everyone: (): readonly AccountRow[] => rows,
    isUnlocked: unlocked,
    /** Addresses whose keys are here, the main one first; none while locked. */
    signers(): readonly EvmAddress[] {
      if (!unlocked()) return [];
      const own = present().filter(({ kind }) => kind !== 'watched');
      return [...own.filter(({ main }) => main), ...own.filter(({ main }) => !main)].map(({ address }) => address);
    },
    find,
    put,

    /**
     * Run `work` with the secret of an account, which is wiped afterwards. It may not wait for anything.
     *
     * @throws Fail LOCKED, NOT_FOUND, WATCH_ONLY
     */
    withSecret<T>(address: EvmAddress, work: (secret: Uint8Array, address: EvmAddress) => T): T {
      const root = keys.seal();
      if (root === null) throw failures.locked();
      const row = find(address);
      if (row === null || row.removedAt !== null) throw failures.noAccount(address);
      if (row.kind === 'watched') throw failures.watched(row.address);
      const derived = row.position === null ? null : keys.account(row.position);
      const secret = derived?.secret ?? (row.sealed === null ? null : openKey(row.sealed, row.address, root));
      if (secret === null || (derived !== null && derived.address !== row.address)) throw failures.watched(row.address);
      try {
        return work(secret, row.address);
      } finally {
        wipe(secret);
      }
    },

    onChange(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop,
  };
}
