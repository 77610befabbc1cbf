import type { Argon2Cost } from '#core/crypto/argon2.ts';
import { calibrateArgon2 } from '#core/crypto/calibrate.ts';
import { fromBase32 } from '#core/crypto/encoding.ts';
import { type WalletKey, walletKey } from '#core/crypto/wallet.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import type { PersonId } from '#shared/model/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { encodeDeviceFile } from './device-file.ts';
import { type DeviceKeys, deviceIdOf, devicePublicKeys } from './device-keys.ts';
import { createDeviceWork, type DeviceWork } from './device-work.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import { adoptedRecord, certifyDevice, newProfileRecord, personOf, saveProfile } from './establish.ts';
import { failures } from './failures.ts';
import { identityFiles } from './files.ts';
import { createGuard } from './guard.ts';
import type { Entry } from './key-log-entry.ts';
import { type SecondFactor, sealKeystore } from './keystore.ts';
import { derivePersonKeys, type PersonKeys, wipePersonKeys } from './person-keys.ts';
import type { Profile, ProfileRecord } from './profile.ts';
import { createSession, type Secrets } from './session.ts';
import { signFor } from './signed-message.ts';
import { deviceReplaced, nothingStored, readStored, type Stored, stateOf } from './state.ts';
import { statusOf } from './status.ts';
import { makeFactor, type Unsealed, unseal } from './unsealing.ts';

export interface IdentityDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** Where the identity's files lie; made when it is not there. */
  readonly directory: string;
  /** What this computer is called, at first. */
  readonly deviceName: string;
  /** What goes on while locked in this release; device keys allow it. */
  readonly worksWhileLocked?: readonly ('mesh' | 'hosting' | 'machines')[];
  /** Whether something that somebody started, and that a lock would break off, is at work: it does not lock by itself meanwhile. */
  readonly atWork?: () => boolean;
  /** How Argon2id's cost is found when a keystore is made; measures this computer unless told otherwise. */
  readonly calibrate?: () => Promise<Argon2Cost>;
}

/** What the handlers work with. Everything that changes files runs one after the other. */
export interface Service extends DeviceWork {
  start(): Promise<void>;
  stop(): Promise<void>;
  touch(): void;
  lock(): void;
  status(): IdentityStatus;
  stored(): Stored;
  secrets(): Secrets | null;
  readonly drafts: Drafts;
  person(): { readonly id: PersonId; readonly name: string; readonly publicKey: Uint8Array } | null;
  wallet(index: number): WalletKey | null;
  sign(purpose: string, bytes: Uint8Array): Uint8Array;
  onChange(listener: () => void): () => void;
  create(input: { entropy: Uint8Array; name: string; passphrase: string; confirmed: boolean }): Promise<void>;
  /** The entropy is copied. */
  restore(input: { entropy: Uint8Array; name: string; passphrase: string }): Promise<void>;
  unlock(passphrase: string): Promise<void>;
  /** Check the passphrase and let `use` have the entropy, which is wiped afterwards. */
  withPhrase<T>(passphrase: string, use: (entropy: Uint8Array) => T | Promise<T>): Promise<T>;
  changePassphrase(current: string, passphrase: string): Promise<void>;
  setSecondFactor(on: boolean, passphrase: string): Promise<void>;
  /** Change the profile; answers with the record before. */
  amend(change: (record: ProfileRecord) => Partial<ProfileRecord>): Promise<ProfileRecord>;
  /** Become a device of the person of this log, which certifies it; with their keys when there is entropy. */
  adopt(input: Adoption): Promise<void>;
}

/** What a device was given that joined a person (docs/formats/pairing.md). */
export interface Adoption {
  readonly device: DeviceKeys;
  readonly person: PersonId;
  readonly name: string;
  /** What this device is to be called among the person's. */
  readonly deviceName: string;
  /** Verified, and with this device in it. */
  readonly log: readonly Entry[];
  /** The person's entropy and the passphrase that protects it here; null for a device without their keys. */
  readonly keys: { readonly entropy: Uint8Array; readonly passphrase: string } | null;
}

export function createService(deps: IdentityDeps): Service {
  const { host, log } = deps;
  const files = identityFiles(deps.directory, log);
  const guard = createGuard(files.tries, host, log);
  const drafts = createDrafts(host);
  const listeners = new Set<() => void>();
  const ground = { files, host, log, deviceName: deps.deviceName };
  const calibrate = deps.calibrate ?? (() => calibrateArgon2(() => host.now()));
  let stored: Stored = nothingStored;

  const changed = () => {
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        log.error({ error: String(error) }, 'identity listener failed');
      }
    }
    deps.emit({ topic: 'identity', ids: [] });
  };
  const expired = (): void => {
    log.info({}, 'locked: no use for the time set');
    changed();
  };
  const session = createSession(host, expired, deps.atWork);

  // One change at a time: parallel tries would slip past the rate limit, parallel writes past each other.
  let last: Promise<unknown> = Promise.resolve();
  function exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = last.then(work);
    last = run.catch(() => {});
    return run;
  }

  function requireProfile(): Profile {
    if (stored.profile === null) {
      if (stored.damage !== null) throw failures.damaged(stored.damage.path, stored.damage.cause);
      throw failures.noIdentity(null);
    }
    return stored.profile;
  }

  function refuseSecond(): void {
    if (stateOf(stored, false) !== 'none') throw failures.alreadyExists(stored.profile?.record.name ?? null);
  }

  function requireSecrets(): Secrets {
    requireProfile();
    const secrets = session.secrets();
    if (secrets === null) throw failures.locked();
    return secrets;
  }

  async function open(passphrase: string): Promise<Unsealed & { keys: PersonKeys }> {
    const profile = requireProfile();
    if (profile.record.keyless) throw failures.keyless(profile.record.name);
    try {
      const unsealed = await unseal(files.keystore, guard, host, passphrase);
      const keys = derivePersonKeys(unsealed.entropy);
      if (personOf(keys) !== profile.record.person) {
        wipe(unsealed.entropy);
        wipe(unsealed.factor?.secret);
        wipePersonKeys(keys);
        throw failures.damaged(files.keystore.path, 'it holds the keys of another person');
      }
      return { ...unsealed, keys };
    } catch (error) {
      if (isFail(error, 'KEYSTORE_DAMAGED')) {
        stored = {
          ...stored,
          damage: { path: files.keystore.path, cause: String(error.data?.cause ?? error.message) },
        };
      }
      // A wrong try may have begun a wait, which the status shows.
      if (isFail(error)) changed();
      throw error;
    }
  }

  /** Open the keystore for one piece of work; whatever comes of it, nothing secret is left in memory. */
  async function whileOpen<T>(
    passphrase: string,
    work: (opened: Unsealed & { keys: PersonKeys }) => T | Promise<T>,
  ): Promise<T> {
    const opened = await open(passphrase);
    try {
      return await work(opened);
    } finally {
      wipe(opened.entropy);
      wipe(opened.factor?.secret);
      wipePersonKeys(opened.keys);
    }
  }

  async function reseal(
    entropy: Uint8Array,
    keys: PersonKeys,
    passphrase: string,
    factor: SecondFactor | null,
    cost?: Unsealed,
  ) {
    const file = await sealKeystore({
      entropy,
      personHash: hashOf(personOf(keys)),
      passphrase,
      factor,
      cost: cost?.keystore.header ?? (await calibrate()),
      random: host.random,
    });
    await files.keystore.write(file);
    wipe(factor?.secret);
  }

  /** Certify this device and write the record where it changed. */
  async function settle(record: ProfileRecord, keys: PersonKeys, options: { replace: boolean }): Promise<void> {
    const certified = await certifyDevice(ground, record, keys, options);
    const unchanged = stored.profile !== null && certified.record === stored.profile.record;
    const profile = unchanged && stored.profile !== null ? stored.profile : await saveProfile(files, certified.record);
    const { device, replaced } = certified;
    const notices = stored.notices.filter(({ code }) => code !== 'DEVICE_KEYS_MISSING' || device === null);
    stored = {
      ...stored,
      notices: replaced === null ? notices : [...notices, deviceReplaced(files.device.path, replaced)],
      profile,
      person: record.person,
      device: device && { id: deviceIdOf(devicePublicKeys(device).sign), keys: device },
    };
  }

  /** The keystore is in order and the profile written: the person is in. */
  function enter(entropy: Uint8Array, keys: PersonKeys, factorOn: boolean): void {
    stored = { ...stored, damage: null, factorOn };
    session.setMinutes(requireProfile().record.autoLockMinutes);
    session.open({ entropy, keys });
    changed();
  }

  return {
    drafts,
    async start() {
      await files.prepare();
      await guard.load();
      stored = await readStored(files, host, log);
      session.setMinutes(stored.profile?.record.autoLockMinutes ?? 0);
    },
    async stop() {
      await exclusive(async () => {});
      drafts.clear();
      session.close();
      wipe(...(stored.device ? Object.values(stored.device.keys) : []));
      stored = nothingStored;
    },
    touch: session.touch,
    lock() {
      if (session.close()) changed();
    },
    status: () =>
      statusOf(
        {
          state: stateOf(stored, session.secrets() !== null),
          profile: stored.profile,
          device: stored.device?.id ?? null,
          factorOn: stored.factorOn,
          retryAt: guard.retryAt(),
          worksWhileLocked: [...(deps.worksWhileLocked ?? ['machines'])],
        },
        host,
      ),
    stored: () => stored,
    secrets: session.secrets,
    person() {
      if (stored.profile === null) return null;
      const { record, log: keyLog } = stored.profile;
      return { id: record.person, name: record.name, publicKey: keyLog.keys.sign };
    },
    wallet(index) {
      const secrets = session.secrets();
      return secrets && walletKey(secrets.entropy, index);
    },
    sign: (purpose, bytes) => signFor(purpose, bytes, requireSecrets().keys.current.signSeed),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    create: ({ entropy, name, passphrase, confirmed }) => {
      // Copied now: a draft may expire, and be wiped, while this waits its turn.
      const own = entropy.slice();
      return exclusive(async () => {
        refuseSecond();
        await files.making.begin();
        // Left over from a creation that was cut off before it was acknowledged: kept, out of the way.
        await files.keystore.setAside(`unused-${host.now()}`);
        const keys = derivePersonKeys(own);
        await reseal(own, keys, passphrase, null);
        // The profile is the last to be written: with it the identity exists.
        const record = { ...newProfileRecord(keys, name, host.now()), phraseConfirmed: confirmed };
        await settle(record, keys, { replace: true });
        await files.making.end().catch(() => {});
        enter(own, keys, false);
      });
    },

    restore: ({ entropy, name, passphrase }) => {
      // Copied now: the caller wipes its own while this waits its turn.
      const own = entropy.slice();
      return exclusive(async () => {
        const keys = derivePersonKeys(own);
        const person = personOf(keys);
        if (stored.person !== null && stored.person !== person) {
          wipe(own);
          wipePersonKeys(keys);
          throw failures.phraseOfAnother(stored.profile?.record.name ?? null);
        }
        const known = stored.profile;
        const factor = stored.factorOn ? await makeFactor(host) : null;
        const factorOn = factor !== null;
        const aside = `unused-${host.now()}`;
        // One whose profile was lost stays lost, and is not taken for one that never was, if this is cut off.
        if (stored.person === null && stored.damage === null) await files.making.begin();
        if (known === null || stored.damage !== null) await files.keystore.setAside(aside);
        if (known === null) await files.profile.setAside(aside);
        const { keyless: _, ...before } = known?.record ?? newProfileRecord(keys, name, host.now());
        const record = { ...before, name, phraseConfirmed: true };
        // What decides comes last: a new identity exists with its profile, a known one has its new passphrase with the keystore.
        if (known === null) await reseal(own, keys, passphrase, factor);
        await settle(record, keys, { replace: true });
        if (known !== null) await reseal(own, keys, passphrase, factor);
        await files.making.end().catch(() => {});
        await guard.right();
        enter(own, keys, factorOn);
      });
    },

    unlock: (passphrase) =>
      exclusive(async () => {
        const { entropy, keys, factor } = await open(passphrase);
        wipe(factor?.secret);
        // The keystore opened, so whatever was wrong with it before is mended.
        await settle(requireProfile().record, keys, { replace: false });
        enter(entropy, keys, factor !== null);
      }),

    withPhrase: (passphrase, use) => exclusive(() => whileOpen(passphrase, ({ entropy }) => use(entropy))),

    changePassphrase: (current, passphrase) =>
      exclusive(async () => {
        await whileOpen(current, (opened) => reseal(opened.entropy, opened.keys, passphrase, opened.factor, opened));
        changed();
      }),

    setSecondFactor: (on, passphrase) =>
      exclusive(async () => {
        requireProfile();
        if (on && host.keyring === null) throw failures.factorUnavailable(host.keyringDetail);
        await whileOpen(passphrase, async (opened) => {
          if (on === (opened.factor !== null)) return;
          const factor = on ? await makeFactor(host) : null;
          if (on && factor === null) throw failures.factorUnavailable('it does not seal anything at the moment.');
          await reseal(opened.entropy, opened.keys, passphrase, factor, opened);
          stored = { ...stored, factorOn: on };
        });
        changed();
      }),

    amend: (change) =>
      exclusive(async () => {
        const { record } = requireProfile();
        const next = { ...record, ...change(record) };
        stored = { ...stored, profile: await saveProfile(files, next) };
        if (next.autoLockMinutes !== record.autoLockMinutes) session.setMinutes(next.autoLockMinutes);
        changed();
        return record;
      }),

    ...createDeviceWork({
      ...{ exclusive, files, host, log, changed, requireProfile, requireSecrets },
      stored: () => stored,
      store: (next) => {
        stored = next;
      },
    }),

    adopt: ({ device, person, name, deviceName, log: entries, keys: given }) => {
      // Copied now: the caller wipes its own while this waits its turn.
      const entropy = given?.entropy.slice() ?? null;
      return exclusive(async () => {
        refuseSecond();
        const adopted = { person, name, deviceName, log: entries, device, keyless: given === null };
        const record = adoptedRecord(adopted, host);
        await files.making.begin();
        await files.keystore.setAside(`unused-${host.now()}`);
        await files.device.setAside(`unused-${host.now()}`);
        await files.device.write(await encodeDeviceFile(device, host, log));
        if (given === null || entropy === null) {
          const profile = await saveProfile(files, record);
          const id = deviceIdOf(devicePublicKeys(device).sign);
          stored = { ...stored, profile, person, device: { id, keys: device } };
          await files.making.end().catch(() => {});
          changed();
          return;
        }
        const keys = derivePersonKeys(entropy);
        await reseal(entropy, keys, given.passphrase, null);
        // The profile is the last to be written: with it the identity exists.
        await settle(record, keys, { replace: true });
        await files.making.end().catch(() => {});
        enter(entropy, keys, false);
      });
    },
  };
}

/** The SHA-256 that a person id spells. */
function hashOf(person: PersonId): Uint8Array {
  const hash = fromBase32(person.slice(3));
  if (hash?.length !== 32) throw new Error('a person id spells no hash');
  return hash;
}
