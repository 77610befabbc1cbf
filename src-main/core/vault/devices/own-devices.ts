import { toHex } from '#core/crypto/encoding.ts';
import { xwingKeys } from '#core/crypto/kem.ts';
import { wipe } from '#core/crypto/wipe.ts';
import type { OwnDevice, OwnDevices } from '#shared/contract/vault.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { VaultDeps } from '../ports.ts';
import { failures } from './failures.ts';
import type { Devices, Replica } from './ports.ts';
import { createExchange, type Exchange, type PeerView } from './wire/exchange.ts';
import { createFetching, type Fetching } from './wire/fetching.ts';
import { compareCode } from './wire/format/compare.ts';
import type { Quiet } from './wire/format/handshake.ts';
import {
  type Announcement,
  announce,
  decodeAnnouncement,
  encodeAnnouncement,
  holds,
} from './wire/format/statements.ts';
import type { OwnKey } from './wire/link.ts';
import { createMembership, type Membership } from './wire/membership.ts';
import type { DevicePeople } from './wire/ports.ts';
import { type Other, recordKey } from './wire/records.ts';
import { type DevicesStore, openDevicesStore } from './wire/store.ts';

/** The person's several devices keep the same files: whether they do here, with whom, and how far that is. */
export interface OwnDevicesSwitch {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @throws Fail LOCKED, NOT_OFFERED */
  view(): OwnDevices;
  /** @throws Fail LOCKED, NO_VAULT, KEYLESS, NO_IDENTITY, NOT_OFFERED */
  on(): Promise<void>;
  off(): Promise<void>;
  /** @throws Fail NOT_FOUND, WRONG_CODE, DEVICE_UNSEEN, NO_VAULT */
  accept(who: string, code: string): void;
  /** Whom a name or id means. @throws Fail NOT_FOUND, DEVICE_UNSEEN, NO_VAULT */
  named(who: string): { readonly name: string; readonly code: string };
  notices(): readonly { readonly code: string; readonly text: string }[];
}

/** How often it is written down that a device was there. */
const seenEveryMs = 60_000;
/** How often clients are told of what comes. */
const tellEveryMs = 500;

/** What is needed of the vault. */
interface OfVault {
  readonly deps: VaultDeps;
  /** @throws Fail LOCKED */
  root(): Uint8Array;
  state(): 'none' | 'locked' | 'ready';
  current(): { readonly vault: { readonly id: Uint8Array } } | null;
  /** @throws Fail LOCKED, NO_VAULT */
  session(): Promise<{ readonly vault: { readonly id: Uint8Array } }>;
  onLock(forget: () => void): void;
  onSession(listen: () => void): void;
}

interface Running {
  readonly people: DevicePeople;
  readonly store: DevicesStore;
  readonly membership: Membership;
}

export function createOwnDevices(core: OfVault, replicas: Devices): OwnDevicesSwitch {
  const { deps } = core;
  const { host, log } = deps;
  let running: Running | null = null;
  let ownKey: OwnKey | null = null;
  let quiet: Quiet = 'locked';
  let replica: Replica | null = null;
  let exchange: Exchange | null = null;
  let fetching: Fetching | null = null;
  let stopReplica = (): void => {};
  let stops: (() => void)[] = [];
  let lastKnown = '';
  let stopped = true;

  let last: Promise<unknown> = Promise.resolve();
  /** One change at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work);
    last = run.catch(() => {});
    return run;
  };
  let cancelTell: (() => void) | null = null;
  const tell = (): void => {
    if (cancelTell !== null || stopped) return;
    cancelTell = host.setTimer(tellEveryMs, () => {
      cancelTell = null;
      deps.emit({ topic: 'vault', ids: [] });
    });
  };

  const currentDevice = (people: DevicePeople): DeviceId | null =>
    people.list().find(({ current }) => current)?.id ?? null;
  const vaultId = (): string | null => {
    const session = core.current();
    return session && toHex(session.vault.id);
  };
  const isOn = (store: DevicesStore): boolean => {
    const self = store.self();
    return self?.on === true && self.vault === vaultId();
  };
  const parts = (): Running => {
    core.root();
    if (running === null) throw failures.notOffered();
    return running;
  };

  const forgetKey = (): void => {
    wipe(ownKey?.secret);
    ownKey = null;
  };
  /** This device as it shows itself; null where it has no certified key. One that was certified anew makes another key. */
  const keyOf = ({ people, store }: Running): OwnKey | null => {
    const device = currentDevice(people);
    let self = store.self();
    if (device === null || self === null) return null;
    if (self.device !== device) {
      self = { ...self, device, seed: host.random(32), at: host.now() };
      store.putSelf(self);
    }
    const { publicKey, secret } = xwingKeys(self.seed);
    const made = announce(device, publicKey, self.at, people.sign);
    return made && { device, announcement: encodeAnnouncement(made), kem: publicKey, secret };
  };

  const nameOfSelf = (): string => running?.people.list().find(({ current }) => current)?.name ?? '';
  const otherOf = (store: DevicesStore, device: DeviceId): Other =>
    store.others().find((one) => one.device === device) ?? {
      ...{ v: 1, device, name: '', announcement: null, seenAt: null, sameAt: null },
    };
  const keepOther = (store: DevicesStore, record: Other): void => {
    try {
      store.putOther(record);
    } catch (error) {
      // A full disk, or locked meanwhile: it is only shown.
      log.warn({ error: String(error) }, 'when another device was there was not written down');
    }
  };

  const stopExchange = async (): Promise<void> => {
    const [was, fetched] = [exchange, fetching];
    exchange = null;
    fetching = null;
    stopReplica();
    stopReplica = () => {};
    await fetched?.stop();
    await was?.stop();
  };

  const beginExchange = (on: Running): void => {
    const { people, store, membership } = on;
    const streams = deps.ownDevices?.streams;
    if (streams === undefined) return;
    exchange = createExchange({
      ...{ host, log, people, streams, membership },
      own() {
        // A device without the person's keys is not locked: it never will be open.
        if (!people.hasKeys()) return 'keyless';
        return deps.keys.root() === null ? 'locked' : (ownKey ?? quiet);
      },
      ownName: nameOfSelf,
      replica: () => (ownKey === null ? null : replica),
      met(theirs, name) {
        const before = otherOf(store, theirs.device);
        const announcement = encodeAnnouncement(theirs);
        if (before.name === name && before.announcement !== null && toHex(before.announcement) === toHex(announcement))
          return;
        keepOther(store, { ...before, name, announcement, seenAt: host.now() });
      },
      seen(device, same) {
        const before = otherOf(store, device);
        const now = host.now();
        const recent = before.seenAt !== null && Math.abs(now - before.seenAt) < seenEveryMs;
        const known = before.sameAt !== null && Math.abs(now - before.sameAt) < seenEveryMs;
        if (!recent || (same && !known))
          keepOther(store, { ...before, seenAt: now, sameAt: same ? now : before.sameAt });
        fetching?.wake();
        tell();
      },
      changed() {
        fetching?.wake();
        tell();
      },
    });
    const [talks, of] = [exchange, replica];
    if (ownKey === null || of === null) return;
    fetching = createFetching({ host, log, replica: of, exchange: talks, changed: tell });
    stopReplica = of.onChange((what) => {
      if (what === 'told') talks.news();
      fetching?.wake();
      tell();
    });
  };

  /** Bring what runs in line with what the person said, and with the keys that are there. */
  const arrange = (): Promise<void> =>
    inTurn(async () => {
      await stopExchange();
      forgetKey();
      if (stopped || running === null) return;
      const { people, store, membership } = running;
      lastKnown = known(people);
      const root = deps.keys.root();
      store.unlock(root === null ? null : recordKey(root));
      if (!people.hasKeys()) quiet = 'keyless';
      else if (root === null || (core.current() === null && core.state() !== 'none')) quiet = 'locked';
      else quiet = 'off';
      if (root !== null && isOn(store)) {
        ownKey = keyOf(running);
        membership.refresh();
        const self = ownKey;
        if (replica !== null && replica.device !== self?.device) {
          replica = null;
          await replicas.stop();
        }
        if (self !== null && replica === null) {
          const peers = membership.members().map((id) => ({ id, name: nameOf(running, id, null) }));
          replica = await replicas.start({ id: self.device, name: nameOfSelf() }, peers);
        }
      } else if (root !== null && core.current() !== null && replica !== null) {
        replica = null;
        await replicas.stop();
      }
      beginExchange(running);
      tell();
    }).catch((error: unknown) => {
      if (!isFail(error, 'LOCKED')) log.error({ error: String(error) }, 'own devices are not talked with');
    });

  const known = (people: DevicePeople): string =>
    people.list().length === 0 ? '' : `${currentDevice(people)} ${toHex(people.digest())}`;
  const onPeople = (): void => {
    if (running === null) return;
    const now = known(running.people);
    if (now === lastKnown) return;
    const other = now.split(' ')[0] !== lastKnown.split(' ')[0];
    lastKnown = now;
    // Another device by now: it begins anew.
    if (other) void arrange();
    else exchange?.membersChanged();
  };

  const nameOf = (on: Running | null, id: DeviceId, peer: PeerView | null): string => {
    const said = on?.people.list().find((one) => one.id === id)?.name ?? null;
    const told = peer?.name || (on === null ? '' : otherOf(on.store, id).name);
    return said || told || `Device ${id.slice(0, 6)}`;
  };
  const announcementOf = (on: Running, id: DeviceId, peer: PeerView | null): Announcement | null => {
    if (peer?.theirs) return peer.theirs;
    const kept = otherOf(on.store, id).announcement;
    const one = kept && decodeAnnouncement(kept);
    return one !== null && holds(one, on.people.verify) ? one : null;
  };
  const codeOf = (on: Running, id: DeviceId, peer: PeerView | null): string | null => {
    const one = ownKey && announcementOf(on, id, peer);
    return one && ownKey && compareCode({ device: ownKey.device, kem: ownKey.kem }, { device: id, kem: one.kem });
  };
  /** Null while it is off, and in the moment in which it opens. */
  const stateNow = () => {
    try {
      return replica === null || ownKey === null ? null : replica.state();
    } catch (error) {
      if (isFail(error, 'LOCKED')) return null;
      throw error;
    }
  };
  const find = (who: string): { readonly id: DeviceId; readonly name: string; readonly peer: PeerView | null } => {
    const on = parts();
    if (ownKey === null) throw failures.notOn();
    const peers = exchange?.peers() ?? [];
    const all = on.membership.inForce().map(({ id }) => {
      const peer = peers.find(({ device }) => device.id === id) ?? null;
      return { id, peer, name: nameOf(on, id, peer) };
    });
    const byName = all.filter(({ name }) => name.toLowerCase() === who.toLowerCase());
    const found = all.find(({ id }) => id === who) ?? (byName.length === 1 ? byName[0] : undefined);
    if (found === undefined) throw failures.noDevice(who, byName.length > 1);
    return found;
  };

  return {
    async start() {
      const wanted = deps.ownDevices;
      if (wanted === undefined) return;
      stopped = false;
      const store = openDevicesStore(deps.home, log, host.random);
      running = { store, people: wanted.people, membership: createMembership(wanted.people, store, log) };
      core.onLock(() => void arrange());
      core.onSession(() => void arrange());
      stops = [deps.keys.onChange(() => void arrange()), wanted.people.onChange(onPeople)];
      await arrange();
    },
    async stop() {
      stopped = true;
      for (const stop of stops) stop();
      stops = [];
      cancelTell?.();
      cancelTell = null;
      await arrange();
      await inTurn(async () => {
        const was = running;
        running = null;
        if (replica !== null) await replicas.stop();
        replica = null;
        await was?.store.keepCopy().catch((error: unknown) => {
          log.warn({ error: String(error) }, 'the copy of what is known of own devices was not refreshed');
        });
        was?.store.close();
      });
    },
    view() {
      const on = parts();
      const state = stateNow();
      const peers = exchange?.peers() ?? [];
      on.membership.refresh();
      const members = new Set(on.membership.members());
      const nothingLeft = state !== null && state.waiting.files === 0;
      const stateOf = (peer: PeerView | null): OwnDevice['state'] =>
        peer === null ? 'away' : peer.state !== 'on' ? peer.state : peer.asked && nothingLeft ? 'same' : 'coming';
      const problem = fetching?.problem() ?? state?.problem ?? null;
      const nothing = { files: 0, bytes: 0 };
      return {
        on: isOn(on.store),
        name: nameOfSelf() || null,
        devices: on.membership.inForce().map(({ id }) => {
          const peer = peers.find(({ device }) => device.id === id) ?? null;
          const { seenAt, sameAt } = otherOf(on.store, id);
          const accepted = members.has(id);
          return {
            ...{ id, name: nameOf(on, id, peer), state: stateOf(peer), accepted, seenAt, sameAt },
            code: codeOf(on, id, peer),
          };
        }),
        entries: state?.entries ?? 0,
        waiting: state?.waiting ?? nothing,
        reading: state?.reading ?? nothing,
        conflicts: state?.conflicts ?? 0,
        received: fetching?.bytes() ?? 0,
        current: (fetching?.current() ?? []).map(({ name, size, received, from }) => ({
          ...{ name, size, received },
          from: nameOf(on, from, null),
        })),
        ...(problem === null ? {} : { problem: { text: problem.text, next: problem.next } }),
      };
    },
    async on() {
      const { people, store } = parts();
      if (!people.hasKeys()) throw failures.keyless();
      const device = currentDevice(people);
      if (device === null) throw fail('NO_IDENTITY', 'This device has no keys of its own.', { next: 'Unlock again.' });
      const session = await core.session();
      const before = store.self();
      const again = before !== null && before.device === device;
      store.putSelf({
        ...{ v: 1, device, vault: toHex(session.vault.id), on: true },
        // The same key where there is one: what was accepted stays so.
        ...(again ? { seed: before.seed, at: before.at } : { seed: host.random(32), at: host.now() }),
      });
      await arrange();
    },
    async off() {
      const { store } = parts();
      const self = store.self();
      if (self?.on) store.putSelf({ ...self, on: false });
      await arrange();
    },
    named(who) {
      const { id, name, peer } = find(who);
      const code = codeOf(parts(), id, peer);
      if (code === null) throw failures.unseen(name);
      return { name, code };
    },
    accept(who, typed) {
      const on = parts();
      const { id, name, peer } = find(who);
      const theirs = announcementOf(on, id, peer);
      const code = codeOf(on, id, peer);
      if (theirs === null || code === null) throw failures.unseen(name);
      if (typed.replace(/\s/g, '') !== code.replace(/\s/g, '')) throw failures.wrongCode(name);
      on.membership.accept(theirs, host.now());
      log.info({ device: id }, 'another device of the person was accepted');
      exchange?.membersChanged();
    },
    notices: () => (running?.store.notice ? [running.store.notice] : []),
  };
}
