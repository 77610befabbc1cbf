import { toBase64url } from '#core/crypto/encoding.ts';
import { createFakeHost, type FakeHost, seededRandom } from '#core/testing/fake-host.ts';
import { type DeviceKeys, deviceIdOf, devicePublicKeys, makeDeviceKeys } from '../../device-keys.ts';
import { makeDeviceAdd, makeDeviceRevoke, makeInception, type VerifiedLog, verifyKeyLog } from '../../key-log.ts';
import { commitment, type Entry, encodeKeySet, entryHash, signEntry } from '../../key-log-entry.ts';
import { deriveKeySet, derivePersonKeys, type KeySet, type PersonKeys } from '../../person-keys.ts';
import { encodeWholeCard } from '../card-format.ts';
import { type MyCard, makeMyCard, type Self } from '../my-card.ts';
import type { Owner } from '../service.ts';

/** A person for tests, with every key there is, and a key log that grows. */
export interface Someone {
  readonly name: string;
  readonly entropy: Uint8Array;
  readonly keys: PersonKeys;
  readonly devices: DeviceKeys[];
  entries: Entry[];
  log(): VerifiedLog;
  self(): Self;
  addDevice(at?: number): DeviceKeys;
  revoke(device: DeviceKeys, at?: number): void;
  /** The rotation that follows on this log, to the keys of epoch 1; `salt` makes another one of it. */
  rotation(salt?: number): Entry;
  card(now: number, before?: MyCard | null): MyCard;
  /** A whole card over any entries, signed with the keys of any epoch. */
  cardOver(entries: readonly Entry[], sequence: number, keys?: KeySet): Uint8Array;
}

export function makeSomeone(name: string, seed: number): Someone {
  const random = seededRandom(seed);
  const entropy = random(32);
  const keys = derivePersonKeys(entropy);
  const inception = makeInception(keys);
  const head = entryHash(inception);
  const self: Someone = {
    name,
    entropy,
    keys,
    devices: [],
    entries: [inception],
    log() {
      const outcome = verifyKeyLog(self.entries);
      if (!outcome.ok) throw new Error(`${outcome.fault} at ${outcome.at}`);
      return outcome.log;
    },
    self: () => ({
      name,
      entries: self.entries,
      log: self.log(),
      device: idOf(self.devices[0] ?? makeDeviceKeys(random)),
    }),
    addDevice(at = 1000) {
      const device = makeDeviceKeys(random);
      self.devices.push(device);
      self.entries = [...self.entries, makeDeviceAdd(head, keys.current, device, at)];
      return device;
    },
    revoke(device, at = 2000) {
      self.entries = [...self.entries, makeDeviceRevoke(head, keys.current, idOf(device), at)];
    },
    rotation(salt = 0) {
      const next = deriveKeySet(entropy, 1);
      const kept = self.entries.filter(({ type }) => type === 'device-add');
      return signEntry(
        {
          v: 1 as const,
          type: 'rotate' as const,
          on: toBase64url(head),
          keys: encodeKeySet(next.public),
          next: commitment(deriveKeySet(entropy, 2).public),
          keeps: kept.map((entry) => toBase64url(entryHash(entry))),
          at: 5000 + salt,
        },
        next,
      );
    },
    card: (now, before = null) => makeMyCard(self.self(), keys.current.signSeed, now, before),
    cardOver: (entries, sequence, signer = keys.current) =>
      encodeWholeCard({ name, sequence, issuedAt: 1, expiresAt: 8e12, entries }, signer.signSeed),
  };
  self.addDevice();
  return self;
}

export function idOf(device: DeviceKeys) {
  return deviceIdOf(devicePublicKeys(device).sign);
}

/** Somebody as the owner of contacts, to be locked and unlocked by hand. */
export function ownerOf(
  someone: Someone,
): Owner & { unlocked: boolean; readonly merged: (readonly Entry[])[]; change(unlocked: boolean): void } {
  const listeners = new Set<() => void>();
  const owner = {
    merged: [] as (readonly Entry[])[],
    unlocked: true,
    isUnlocked: () => owner.unlocked,
    isKeyless: () => false,
    person: () => ({ id: someone.log().person }),
    personKeys: () => (owner.unlocked ? someone.keys : null),
    deviceKeys() {
      const [keys] = someone.devices;
      return keys === undefined ? null : { id: idOf(keys), keys };
    },
    self: () => ({ ...someone.self(), deviceNames: {} }),
    async merge(entries: readonly Entry[]) {
      owner.merged.push(entries);
      return true;
    },
    onChange(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    change(unlocked: boolean) {
      owner.unlocked = unlocked;
      for (const listener of [...listeners]) listener();
    },
  };
  return owner;
}

export function hostAt(now: number, seed = 3): FakeHost {
  return createFakeHost({ now, seed });
}
