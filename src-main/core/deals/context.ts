import { getAddress } from 'viem';
import type { Chain } from '#core/evm/chain.ts';
import type { Database } from '#core/store/database.ts';
import { formatAmount, parseAmount } from '#shared/model/amount.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import type { ContactId } from '#shared/model/ids.ts';
import { readToken, type Token } from './chain/escrow.ts';
import { failures } from './failures.ts';
import type { DealsDeps } from './ports.ts';

/** What every part of deals works with. */
export interface Context {
  readonly deps: DealsDeps;
  readonly database: Database;
  /** What a token says of itself, asked once. @throws Fail NO_TOKEN and of the chain */
  token(chain: Chain, address: EvmAddress): Promise<Token>;
  /** Somebody at the other end, by what is known of their account. */
  party(address: EvmAddress): { address: EvmAddress; contact: ContactId | null; name: string | null };
  /** Note that an account is a contact's, who proved it. */
  belongs(address: EvmAddress, contact: string): void;
  /** The contact's account that deals are bound to; null where none is known. */
  accountOf(contact: string): EvmAddress | null;
  isMine(address: EvmAddress): boolean;
  /** @throws Fail LOCKED */
  main(): EvmAddress;
  changed(...ids: readonly string[]): void;
}

export const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
export const lowered = (address: EvmAddress): EvmAddress => address.toLowerCase() as EvmAddress;
export const checksummed = (address: string): EvmAddress => getAddress(address) as EvmAddress;
export const nobody = `0x${'0'.repeat(40)}` as EvmAddress;

/** Milliseconds of a moment that a contract gave in seconds, or null for zero and what no clock shows. */
export function timeOf(seconds: bigint): number | null {
  const ms = seconds * 1_000n;
  return seconds === 0n || ms > 8_640_000_000_000_000n ? null : Number(ms);
}

/** @throws Fail AMOUNT_WRONG */
export function amountOf(text: string, token: Token): bigint {
  const amount = parseAmount(text, token.decimals);
  if (amount === null || amount >= 1n << 128n) throw failures.amountWrong(token.symbol, token.decimals);
  return amount;
}

export const inWords = (amount: bigint, token: Token): string =>
  `${formatAmount(amount, token.decimals)} ${token.symbol}`;

const mostTokens = 1_000;

export function createContext(deps: DealsDeps, database: Database): Context {
  const tokens = new Map<string, Token>();
  const { db } = database;
  const contactOf = db.prepare('SELECT contact FROM accounts_of WHERE address = ?');
  const addressOf = db.prepare('SELECT address FROM accounts_of WHERE contact = ? ORDER BY rowid DESC LIMIT 1');
  const note = db.prepare(
    'INSERT INTO accounts_of VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET contact = excluded.contact',
  );
  return {
    deps,
    database,
    async token(chain, address) {
      const key = `${chain.ref} ${lowered(address)}`;
      const known = tokens.get(key);
      if (known !== undefined) return known;
      const read = { ...(await readToken(chain, address)), address: checksummed(address) };
      if (tokens.size >= mostTokens) tokens.clear();
      tokens.set(key, read);
      return read;
    },
    party(address) {
      const row = contactOf.get(lowered(address)) as { contact: string } | undefined;
      const contact = deps.people.contactOf(address) ?? row?.contact ?? null;
      const name = contact === null ? null : deps.people.nameOf(contact);
      return { address: checksummed(address), contact: contact as ContactId | null, name };
    },
    belongs: (address, contact) => void note.run(lowered(address), contact),
    accountOf(contact) {
      const row = addressOf.get(contact) as { address: EvmAddress } | undefined;
      return deps.people.addressOf(contact) ?? row?.address ?? null;
    },
    isMine: (address) => deps.accounts.list().some((mine) => sameAddress(mine, address)),
    main() {
      const account = deps.accounts.main();
      if (account === null) throw failures.locked();
      return account;
    },
    changed: (...ids) => deps.emit({ topic: 'deals', ids: [...ids] }),
  };
}
