import type { Accounts } from '#core/evm/accounts.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';

/* What names need of the rest of the agent. */

/** Signs as the person, for one purpose. */
export interface Signer {
  readonly person: string;
  /** Ed25519 || ML-DSA-65. */
  sign(bytes: Uint8Array): Uint8Array;
}

export interface NamePeople {
  /** Null while locked, and on a device without the person's keys. */
  self(): Signer | null;
  /**
   * Whether a person signed this.
   *
   * @returns null for somebody whose keys are not known here; else with what the person calls them, null for themselves
   */
  check(
    person: string,
    bytes: Uint8Array,
    signature: Uint8Array,
  ): { readonly holds: boolean; readonly contact: string | null } | null;
  /** The person's own id, locked or not. */
  me(): string | null;
  /** What contacts are called; none while locked. */
  petnames(): readonly string[];
  /** Equal for names that a person could take for one another. */
  skeleton(name: string): string;
}

export interface NamesDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory. */
  readonly home: string;
  readonly chains: Chains;
  readonly accounts: Accounts;
  readonly people: NamePeople;
  /** This device's address on the mesh; null before it joined. */
  readonly meshAddress: () => string | null;
}
