import type { Accounts } from '#core/evm/accounts.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { EvmAddress } from '#shared/model/evm.ts';

/** Contacts as deals see them. */
export interface DealPeople {
  /** The person's own id; null before there is one, and while locked. */
  self(): string | null;
  /** Id of a contact by name, label or id. @throws Fail NOT_FOUND, LOCKED, NO_IDENTITY, KEYLESS */
  find(who: string): string;
  /** What a contact is called; null while locked, and for one that is gone. */
  nameOf(contact: string): string | null;
  /** Their person's id; null while locked, and for one that is not known whole. */
  personOf(contact: string): string | null;
  /** Account of a contact as the person's own book has it; null where it has none. */
  addressOf(contact: string): EvmAddress | null;
  /** Whose account this is by that book; null for nobody's. */
  contactOf(address: EvmAddress): string | null;
}

/** Letters between the Hyphas of contacts, sealed and signed by whoever wrote them. */
export interface DealLetters {
  /** Kept until it arrives; on disk when this returns. @throws Fail LOCKED, NOT_FOUND, NO_IDENTITY, CONTACT_WAITING */
  send(contact: string, letter: Uint8Array): void;
  /** It is gone once `take` returns, and comes again when that throws. */
  onLetter(take: (contact: string, letter: Uint8Array) => void): () => void;
}

export interface DealsDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory; `:memory:` in tests that keep nothing. */
  readonly home: string;
  readonly chains: Chains;
  readonly accounts: Accounts;
  readonly people: DealPeople;
  readonly letters: DealLetters;
  /** Called at named points of what is done on chains; tests end the work there. */
  readonly probe?: (point: string) => void;
}
