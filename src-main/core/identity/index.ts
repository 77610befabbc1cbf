import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import { entropyFromPhrase } from '#core/crypto/phrase.ts';
import type { WalletKey } from '#core/crypto/wallet.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { identityContract } from '#shared/contract/identity.ts';
import type { sharesContract } from '#shared/contract/shares.ts';
import type { DeviceId, PersonId } from '#shared/model/ids.ts';
import { identityChecks, identityNaming } from './before-asking.ts';
import type { DeviceKeys } from './device-keys.ts';
import { failures } from './failures.ts';
import { createHandlers } from './handlers.ts';
import type { CertifiedDevice, VerifiedLog } from './key-log.ts';
import { type Entry, entrySchema } from './key-log-entry.ts';
import { derivePersonKeys, type KeySet, type PersonKeys, wipePersonKeys } from './person-keys.ts';
import { createService, type IdentityDeps, type Service } from './service.ts';
import { createSharesHandlers } from './slip39/handlers.ts';
import { createHeldShares } from './slip39/held.ts';
import { entropyFromShares } from './slip39/typed.ts';
import type { Notice } from './state.ts';

export { verifyCard } from './card.ts';
export type { IdentityDeps } from './service.ts';
export { verifyFor } from './signed-message.ts';

export interface Identity {
  readonly handlers: Handlers<typeof identityContract> & Handlers<typeof sharesContract>;
  readonly checks: Checks<typeof identityContract>;
  readonly naming: Naming<typeof identityContract>;
  start(): Promise<void>;
  /** Forgets all keys. */
  stop(): Promise<void>;
  /** The person did something: the automatic lock starts over. */
  touch(): void;
  /** Lock now, as when the computer goes to sleep. */
  lock(): void;
  isUnlocked(): boolean;
  /** This device was added without the person's keys. */
  isKeyless(): boolean;
  person(): { readonly id: PersonId; readonly name: string; readonly publicKey: Uint8Array } | null;
  /**
   * The person's secret keys; null while locked. For the core only. They are zeroed at lock, before `onChange` listeners
   * are called: whoever keeps a copy wipes it then.
   */
  personKeys(): PersonKeys | null;
  /** An account of the person's wallet; null while locked. The caller wipes the secret. */
  wallet(index: number): WalletKey | null;
  /** This device's secret keys, locked or not; null before an identity exists or when their file cannot be read. */
  deviceKeys(): { readonly id: DeviceId; readonly keys: DeviceKeys } | null;
  /** What a contact card tells of the person; null before an identity exists. */
  self(): {
    readonly name: string;
    readonly entries: readonly Entry[];
    readonly log: VerifiedLog;
    readonly device: DeviceId | null;
    readonly deviceNames: Readonly<Record<string, string>>;
  } | null;
  /** Take in what another device of the person knows of their log; see the service. */
  merge(entries: readonly Entry[]): Promise<boolean>;
  /** For pairing: see the service. */
  readonly pairing: Pick<Service, 'certify' | 'adopt'> & {
    /** @throws Fail NO_IDENTITY, LOCKED */
    secrets(): { readonly keys: KeySet; readonly entropy: Uint8Array; readonly head: Uint8Array };
  };
  /** All devices of the person, revoked ones too, from the verified key log. */
  devices(): readonly CertifiedDevice[];
  /**
   * Sign as the person, for a purpose (lower-case letters, digits, dashes); check with `verifyFor`.
   *
   * @throws Fail LOCKED
   */
  sign(purpose: string, bytes: Uint8Array): Uint8Array;
  /** Called after every change of state; answers with how to stop. */
  onChange(listener: () => void): () => void;
  notices(): readonly Notice[];
  /**
   * The root of the vault that typed words or shares lead to, for the caller to wipe; whose it is, is not asked.
   *
   * @throws Fail BAD_PHRASE, BAD_SHARES
   */
  vaultRootOf(
    typed: { readonly words: readonly string[] } | { readonly shares: readonly string[] },
  ): Promise<Uint8Array>;
}

/**
 * Who this agent belongs to: phrase, keystore, person keys while unlocked, device keys always.
 * Serves the identity part of the contract.
 */
export function createIdentity(deps: IdentityDeps): Identity {
  const service = createService(deps);
  const shares = createHeldShares(deps.directory, deps.host, deps.log, () => deps.emit({ topic: 'identity', ids: [] }));
  // Nobody is there to write them down.
  service.onChange(() => {
    if (service.secrets() === null) shares.drop();
  });
  return {
    handlers: { ...createHandlers(service, deps.host), ...createSharesHandlers(service, shares, deps.host) },
    checks: identityChecks(service),
    naming: identityNaming(service),
    async start() {
      await service.start();
      await shares.start();
    },
    async stop() {
      shares.drop();
      await service.stop();
    },
    touch: service.touch,
    lock: service.lock,
    isUnlocked: () => service.secrets() !== null,
    isKeyless: () => service.stored().profile?.record.keyless === true,
    person: service.person,
    personKeys: () => service.secrets()?.keys ?? null,
    wallet: service.wallet,
    deviceKeys: () => service.stored().device,
    self() {
      const { profile, device } = service.stored();
      if (profile === null) return null;
      // Verified when it was read: it has the schema of entries.
      const entries = profile.record.log.map((entry) => entrySchema.parse(entry));
      return {
        name: profile.record.name,
        entries,
        log: profile.log,
        device: device?.id ?? null,
        deviceNames: profile.record.deviceNames,
      };
    },
    merge: service.merge,
    pairing: {
      certify: service.certify,
      adopt: service.adopt,
      secrets() {
        const { profile } = service.stored();
        if (profile === null) throw failures.noIdentity(null);
        const secrets = service.secrets();
        if (profile.record.keyless) throw failures.keyless(profile.record.name);
        if (secrets === null) throw failures.locked();
        return { keys: secrets.keys.current, entropy: secrets.entropy, head: profile.log.head };
      },
    },
    devices: () => service.stored().profile?.log.devices ?? [],
    sign: service.sign,
    onChange: service.onChange,
    notices: () => service.stored().notices,
    async vaultRootOf(typed) {
      const entropy = 'words' in typed ? entropyOf(typed.words) : await entropyFromShares(typed.shares);
      const keys = derivePersonKeys(entropy);
      const root = keys.vaultRoot.slice();
      wipe(entropy);
      wipePersonKeys(keys);
      return root;
    },
  };
}

/** @throws Fail BAD_PHRASE */
function entropyOf(words: readonly string[]): Uint8Array {
  const phrase = entropyFromPhrase(words);
  if (!phrase.ok) throw failures.badPhrase(phrase);
  return phrase.entropy;
}
