import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { WalletKey } from '#core/crypto/wallet.ts';
import type { identityContract } from '#shared/contract/identity.ts';
import type { DeviceId, PersonId } from '#shared/model/ids.ts';
import { identityChecks, identityNaming } from './before-asking.ts';
import type { DeviceKeys } from './device-keys.ts';
import { failures } from './failures.ts';
import { createHandlers } from './handlers.ts';
import type { CertifiedDevice, VerifiedLog } from './key-log.ts';
import { type Entry, entrySchema } from './key-log-entry.ts';
import type { KeySet, PersonKeys } from './person-keys.ts';
import { createService, type IdentityDeps, type Service } from './service.ts';
import type { Notice } from './state.ts';

export { verifyCard } from './card.ts';
export type { IdentityDeps } from './service.ts';
export { verifyFor } from './signed-message.ts';

export interface Identity {
  readonly handlers: Handlers<typeof identityContract>;
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
}

/**
 * Who this agent belongs to: phrase, keystore, person keys while unlocked, device keys always.
 * Serves the identity part of the contract.
 */
export function createIdentity(deps: IdentityDeps): Identity {
  const service = createService(deps);
  return {
    handlers: createHandlers(service, deps.host),
    checks: identityChecks(service),
    naming: identityNaming(service),
    start: service.start,
    stop: service.stop,
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
  };
}
