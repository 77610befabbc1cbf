import type { WalletKey } from '#core/crypto/wallet.ts';
import type { Chains } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';

/* What the wallet needs of the rest of the agent. */

/** The person's keys, while unlocked. */
export interface WalletKeys {
  /** An account by BIP-44 index; null while locked. Whoever asks wipes the secret. */
  account(index: number): WalletKey | null;
  /** 32 bytes that imported keys are sealed under; null while locked, and on a device without the person's keys. */
  seal(): Uint8Array | null;
  /** Called when they came or went. */
  onChange(changed: () => void): () => void;
}

/** Whom the person knows. */
export interface WalletPeople {
  /** The id of a contact by name, label or id. @throws Fail NOT_FOUND, LOCKED, NO_IDENTITY, KEYLESS */
  find(who: string): string;
  /** What a contact is called now; null while locked and for one that is not there. */
  nameOf(contact: string): string | null;
}

export interface WalletDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory: `wallet/` in it is the wallet's. */
  readonly home: string;
  readonly keys: WalletKeys;
  readonly chains: Chains;
  readonly people: WalletPeople;
  /** Called at named points of sending; tests kill the process there. */
  readonly probe?: (point: string) => void;
}
