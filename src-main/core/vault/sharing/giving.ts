import { randomId, toBase64url } from '#core/crypto/ids.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { notFound } from '../failures.ts';
import { nodeOf } from '../service/describe.ts';
import type { Doors } from './doors.ts';
import { failures } from './failures.ts';
import { writeLetter } from './format/letter.ts';
import type { IncomingFiles } from './incoming.ts';
import type { ShareLetters, SharePeople } from './ports.ts';
import type { Given } from './records.ts';
import type { SharingStore } from './store.ts';
import { rootOf } from './subtree.ts';

export interface Terms {
  readonly access: 'read' | 'write';
  /** Milliseconds since 1970; null for no end. */
  readonly expires: number | null;
}

export interface Wanted extends Terms {
  readonly item: string;
  readonly contact: string;
  /** Also with somebody whose safety number was not compared. */
  readonly unverified: boolean;
  /** Bytes that may come back through it. */
  readonly room: number;
}

/** Shares of ours: made, changed, taken back, and told to those they are for. */
export interface Giving {
  /** @throws Fail NOT_FOUND, ALREADY_EXISTS, CONTACT_UNVERIFIED, CONTACT_WAITING, TOO_MANY, MESH_OFF, BAD_INPUT */
  share(wanted: Wanted): Promise<Given>;
  /** Other terms come with another key: the one before is good no more. @throws Fail NOT_FOUND */
  change(id: string, terms: Partial<Terms>): Given;
  revoke(id: string): Promise<Given>;
  /** @throws Fail NOT_FOUND */
  the(id: string): Given;
  /** Make good what could not be done or told, and what changed with people since. */
  settle(): Promise<void>;
}

/** Shares that are open. */
const sharesMost = 1_000;
/** With how many people: each has a port of the mesh address. */
const peopleMost = 48;
/** Ended ones stay in the list so long. */
const endedKeptMs = 90 * 24 * 3_600_000;

export interface GivingDeps {
  readonly core: Core;
  readonly store: SharingStore;
  readonly people: SharePeople;
  readonly letters: ShareLetters;
  readonly doors: Doors;
  readonly incoming: IncomingFiles;
  readonly changed: () => void;
}

export function createGiving({ core, store, people, letters, doors, incoming, changed }: GivingDeps): Giving {
  const { host, log } = core.deps;
  const isOpen = (share: Given): boolean =>
    share.endedAt === null && (share.expires === null || share.expires > host.now());
  const nameOf = (contact: string): string => people.about(contact).name ?? 'this contact';
  const the = (id: string): Given => {
    const share = store.given().find((one) => one.id === id);
    if (share === undefined) throw failures.noShare();
    return share;
  };

  const devicesOf = (contact: string): string =>
    (people.keys(contact)?.devices ?? []).map(toBase64url).sort().join(' ').slice(0, 10_000);

  /** Hand the letter with the present terms to the mailbox. @returns whether it is there */
  const tell = (share: Given): boolean => {
    const [self, keys] = [people.self(), people.keys(share.contact)];
    if (self === null || keys === null || keys.person !== share.person) return false;
    const { id, generation, revision, key, kind, name, access, expires, port } = share;
    const about = { share: id, generation } as const;
    const letter = writeLetter(
      share.endedAt !== null
        ? { what: 'end', ...about, at: share.endedAt }
        : {
            what: 'offer',
            ...about,
            revision,
            key,
            kind,
            name,
            access,
            expires,
            port,
            device: self.device,
            at: host.now(),
          },
      self,
      keys,
      host.random,
    );
    if (letter === null) return false;
    try {
      letters.send(share.contact, letter);
      return true;
    } catch (error) {
      // The outbox or the disk is full: tried again when something changes.
      if (!isFail(error)) throw error;
      log.warn({ error: String(error) }, 'a share was not told of yet');
      return false;
    }
  };
  /** Written down first; told afterwards, and written down that it was. */
  const keepAndTell = (share: Given): Given => {
    const kept = { ...share, told: false };
    store.putGiven(kept);
    if (!tell(kept)) return kept;
    const told = { ...kept, told: true, devices: devicesOf(share.contact) };
    store.putGiven(told);
    return told;
  };

  /** Contacts whose door is being opened for a share that is not written down yet. */
  const opening = new Set<string>();
  const isUsed = (contact: string): boolean =>
    opening.has(contact) || store.given().some((share) => share.contact === contact && isOpen(share));
  const closeUnused = async (contact: string): Promise<void> => {
    if (!isUsed(contact)) await doors.close(contact, () => isUsed(contact));
  };
  const end = async (share: Given): Promise<Given> => {
    // The key goes with the share: nothing can be asked under it any more, also after a look at the disk.
    const ended = { ...share, endedAt: host.now(), key: new Uint8Array(32), generation: share.generation + 1 };
    const told = keepAndTell(ended);
    incoming.giveUp(share.id);
    await closeUnused(share.contact);
    return told;
  };
  /** A new key, sealed to the keys that they have now. */
  const renewed = (share: Given, epoch: number): Given => ({
    ...share,
    ...{ epoch, generation: share.generation + 1, revision: 0, key: host.random(32) },
  });

  return {
    the,
    async share({ item, contact: who, unverified, room, access, expires }) {
      const session = await core.session();
      /** What is to be shared, and with which keys. @throws Fail */
      const look = () => {
        const node = nodeOf(session, item);
        if (session.tree.inBin(node)) throw notFound(`"${node.name}"`);
        const contact = people.find(who);
        const about = people.about(contact);
        if (!about.verified && !unverified) throw failures.unverified(nameOf(contact));
        const keys = people.keys(contact);
        if (keys === null || people.self() === null) throw failures.waiting(nameOf(contact));
        if (expires !== null && expires <= host.now()) throw failures.past();
        const open = store.given().filter(isOpen);
        if (open.some((one) => one.contact === contact && rootOf(session, one) === node)) {
          throw failures.already(node.name, nameOf(contact));
        }
        if (open.length >= sharesMost) throw failures.tooMany(sharesMost);
        const others = new Set(open.map((one) => one.contact));
        if (!others.has(contact) && others.size >= peopleMost) throw failures.tooMany(peopleMost);
        return { node, contact, keys };
      };
      const { contact: whose } = look();
      opening.add(whose);
      try {
        const port = await doors.open(whose);
        session.signal.throwIfAborted();
        // Much may have happened while the port was opened: another share of it, other keys.
        const { node, contact, keys } = look();
        if (contact !== whose) throw failures.waiting(nameOf(contact));
        const share = keepAndTell({
          ...{ v: 1, id: randomId(host.random), contact, person: keys.person, epoch: keys.epoch },
          ...{ generation: 1, revision: 0, key: host.random(32) },
          ...{ item: node.id as ItemId, parent: node.parent as ItemId | null, kind: node.kind, name: node.name },
          ...{ access, expires, room, port, createdAt: host.now() },
          ...{ devices: '', told: false, endedAt: null, usedAt: null },
        });
        changed();
        return share;
      } finally {
        opening.delete(whose);
      }
    },

    change(id, terms) {
      const share = the(id);
      const next = { ...share, ...terms };
      if (share.endedAt !== null) throw failures.noShare();
      if (next.expires !== null && next.expires <= host.now()) throw failures.past();
      const keys = people.keys(share.contact);
      if (keys === null || keys.person !== share.person) throw failures.waiting(nameOf(share.contact));
      const told = keepAndTell(renewed(next, keys.epoch));
      if (told.access === 'read') incoming.giveUp(id);
      changed();
      return told;
    },

    async revoke(id) {
      const share = the(id);
      if (share.endedAt !== null) return share;
      const ended = await end(share);
      changed();
      return ended;
    },

    async settle() {
      if (people.self() === null || !store.isOpen()) return;
      let some = false;
      const session = core.current();
      for (const share of store.given()) {
        if (share.endedAt !== null) {
          if (host.now() - share.endedAt > endedKeptMs) store.dropGiven(share.id);
          else if (!share.told) keepAndTell(share);
          continue;
        }
        if (!isOpen(share)) {
          await end(share);
          some = true;
          continue;
        }
        if (people.about(share.contact).state !== 'known') continue;
        const port = await doors.open(share.contact).catch(() => share.port);
        const keys = people.keys(share.contact);
        const now = store.given().find(({ id }) => id === share.id);
        // Taken back while the port was opened.
        if (now === undefined || now.endedAt !== null || keys === null || keys.person !== share.person) continue;
        const root = session && rootOf(session, now);
        const moved =
          root && (root.id !== now.item || root.parent !== now.parent || root.name !== now.name)
            ? { item: root.id as ItemId, parent: root.parent as ItemId | null, name: root.name }
            : {};
        if (keys.epoch !== now.epoch) {
          keepAndTell({ ...renewed(now, keys.epoch), ...moved, port });
          some = true;
        } else if (
          port !== now.port ||
          !now.told ||
          now.devices !== devicesOf(now.contact) ||
          (root?.name !== undefined && root.name !== now.name)
        ) {
          keepAndTell({ ...now, ...moved, port, revision: now.revision + 1 });
          some = true;
        } else if (Object.keys(moved).length > 0) {
          store.putGiven({ ...now, ...moved });
        }
      }
      for (const contact of doors.contacts()) await closeUnused(contact);
      if (some) changed();
    },
  };
}
