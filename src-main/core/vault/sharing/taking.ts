import type { Logger } from '#core/host.ts';
import type { Core } from '../core.ts';
import { failures } from './failures.ts';
import { letterMostBytes, readLetter } from './format/letter.ts';
import type { ShareLetters, SharePeople } from './ports.ts';
import type { Taken } from './records.ts';
import type { SharingStore } from './store.ts';

/** Shares of others: kept as their letters tell of them. */
export interface Taking {
  start(): void;
  stop(): void;
  /** Read what came while locked, and what came from who was not known yet. */
  settle(): void;
  list(): readonly Taken[];
  /** @throws Fail NOT_FOUND */
  the(id: string): Taken;
  /** By its owner's device, just now. */
  seen(id: string): void;
  leave(id: string): Taken;
}

/** Shares that one contact, and all together, have a place for. */
const ofContactMost = 500;
const inAllMost = 5_000;
/** Letters of a share that has ended are remembered so long, so that an old one does not bring it back. */
const endedKeptMs = 90 * 24 * 3_600_000;
const seenEveryMs = 60_000;
const later = 'nobody is known by the device that sent it';

export function createTaking(
  core: Core,
  store: SharingStore,
  people: SharePeople,
  letters: ShareLetters,
  log: Logger,
  changed: () => void,
): Taking {
  const { host } = core.deps;
  let stopListening = (): void => {};

  const refuse = (why: string): void => log.warn({ why }, 'a letter about a share was not taken');

  /**
   * @param device mesh key that it came from
   * @returns why it was not taken; null when it was, or says nothing new; `later` when nobody is known by that device yet: they may
   * share before they are added here, or before their whole card has come
   */
  const read = (device: Uint8Array, bytes: Uint8Array): string | null => {
    const self = people.self();
    const contact = people.ofDevice(device);
    const from = contact === null ? null : people.keys(contact);
    if (self === null || contact === null || from === null) return later;
    const letter = readLetter(bytes, from, self);
    if (letter === null) return 'it is not sealed and signed by whom it came from';
    const before = store.taken().find(({ id }) => id === letter.share);
    // An id of somebody else's share: theirs stays as it is.
    if (before !== undefined && (before.contact !== contact || before.person !== from.person)) {
      return 'it names a share of somebody else';
    }
    if (letter.what === 'end') {
      if (before === undefined || before.endedAt !== null || letter.generation < before.generation) return null;
      // What could open anything goes at once; so that an older letter brings nothing back, the rest stays a while.
      const { generation } = letter;
      store.putTaken({ ...before, generation, key: new Uint8Array(32), endedAt: host.now() });
      changed();
      return null;
    }
    const { generation, revision, key, kind, name, access, expires, device: at, port, at: offeredAt } = letter;
    const newer =
      before === undefined ||
      generation > before.generation ||
      (generation === before.generation && revision > before.revision && before.endedAt === null);
    if (!newer) return null;
    if (!from.devices.some((one) => Buffer.compare(one, at) === 0)) return 'it names a device that is not theirs';
    const known = store.taken();
    if (before === undefined) {
      if (known.length >= inAllMost || known.filter((one) => one.contact === contact).length >= ofContactMost) {
        return 'there are too many';
      }
    }
    store.putTaken({
      ...{ v: 1, id: letter.share, contact, person: from.person, generation, revision, key },
      ...{ kind, name, access, expires, device: at, port, offeredAt },
      arrivedAt: before?.arrivedAt ?? host.now(),
      endedAt: null,
      // Who left it is not asked again by other terms of it.
      leftAt: before?.leftAt ?? null,
      seenAt: before?.seenAt ?? null,
    });
    changed();
    return null;
  };
  const keep = (device: Uint8Array, bytes: Uint8Array, stranger: boolean): void => {
    if (!store.keepLetter(device, bytes, stranger)) refuse('too many wait');
  };

  const the = (id: string): Taken => {
    const share = store.taken().find((one) => one.id === id && one.leftAt === null);
    if (share === undefined) throw failures.noShare();
    return share;
  };

  return {
    start() {
      stopListening = letters.onLetter((device, bytes) => {
        // On disk here before it is gone there; read at the next unlock.
        if (bytes.length > letterMostBytes) return refuse('it is none');
        if (people.self() === null || !store.isOpen()) return keep(device, bytes, people.ofDevice(device) === null);
        const why = read(device, bytes);
        if (why === later) keep(device, bytes, true);
        else if (why !== null) refuse(why);
      });
    },
    stop: () => stopListening(),
    settle() {
      if (people.self() === null || !store.isOpen()) return;
      for (const { seq, device, bytes, stranger } of store.letters()) {
        const why = read(device, bytes);
        if (why === later && stranger === 1) continue;
        if (why === later) keep(device, bytes, true);
        else if (why !== null) refuse(why);
        store.dropLetter(seq);
      }
      const now = host.now();
      for (const share of store.taken()) {
        if (share.endedAt !== null && now - share.endedAt > endedKeptMs) store.dropTaken(share.id);
      }
    },
    list: () => store.taken().filter(({ leftAt }) => leftAt === null),
    the,
    seen(id) {
      const share = store.taken().find((one) => one.id === id);
      const now = host.now();
      if (share === undefined || (share.seenAt !== null && Math.abs(now - share.seenAt) < seenEveryMs)) return;
      try {
        store.putTaken({ ...share, seenAt: now });
      } catch (error) {
        log.warn({ error: String(error) }, 'when a share was seen last was not written down');
      }
    },
    leave(id) {
      const left = { ...the(id), key: new Uint8Array(32), leftAt: host.now() };
      store.putTaken(left);
      changed();
      return left;
    },
  };
}
