import { isAbsolute, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { makeDirectory } from '#core/store/make-directory.ts';
import type { Hosting } from '#shared/contract/vault.ts';
import { type ContactId, contactIdSchema } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { VaultDeps } from '../ports.ts';
import { friendPort } from '../remote/friend/port.ts';
import type { AskState } from '../remote/friend/wire/messages.ts';
import { createEndTimes } from './end-times.ts';
import { createDisk, createRoom, type Disk, type Room } from './room.ts';
import { deleteRoom, makeRoom } from './room-files.ts';
import { type Desk, type Patience, serveGuest } from './serve.ts';
import { nothingHosted, readHosting, type StoredHosting, type StoredRoom, writeHosting } from './stored.ts';

/** The rooms that this Hypha keeps for contacts: who may store how much here, and since when. */
export interface HostingSwitch {
  start(): Promise<void>;
  stop(): Promise<void>;
  view(): Promise<Hosting>;
  /** Agree to what was asked, offer room, or change how much there is. @throws Fail NOT_FOUND, LOCKED, BAD_TARGET, DISK_FULL */
  give(who: string, bytes: number, directory: string | undefined): Promise<{ readonly before: number | null }>;
  /** Say no to what was asked, or take an offer back. @throws Fail NOT_FOUND */
  refuse(who: string): Promise<void>;
  /** It ends so many days from now, which the contact's Hypha is told. @throws Fail NOT_FOUND */
  close(who: string, days: number): Promise<void>;
  reopen(who: string): Promise<void>;
  /** At once, with all that is in it. @throws Fail NOT_FOUND */
  end(who: string): Promise<void>;
  /** @throws Fail NOT_FOUND when there is no room for them */
  theRoom(who: string): StoredRoom;
  /** One for each room. */
  directories(): readonly string[];
  /** A connection of a contact, wherever it comes from. */
  accept(stream: Duplex, contact: string): void;
}

/** Free bytes that stay this computer's own, whatever was agreed. */
const reserveBytes = 1024 ** 3;
const day = 86_400_000;
/** Connections of one contact; a new one takes the place of the one that was quiet for longest. */
const mostOfOne = 4;
const mostOfAll = 64;
const mostAsks = 64;
/** So many of those that ended are remembered until they are deleted. */
const mostEnded = 1000;

export interface HostingOptions {
  readonly patience?: Patience;
  readonly reserve?: number;
  /** Free bytes where a directory is; tests fill the disk there. */
  readonly free?: (path: string) => Promise<number>;
}

interface Guest {
  readonly contact: ContactId;
  readonly stream: Duplex;
  active: number;
}

export function createHosting(deps: VaultDeps, changed: () => void, options: HostingOptions = {}): HostingSwitch {
  const { home, host, log, streams } = deps;
  let stored: StoredHosting = nothingHosted;
  let damaged: string | null = null;
  let stopped = true;
  let stopListening: (() => Promise<void>) | null = null;
  let disk: { readonly directory: string; readonly disk: Disk } | null = null;
  const rooms = new Map<string, Room>();
  const guests = new Set<Guest>();
  const seen = new Map<string, number>();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work);
    last = run.catch(() => {});
    return run;
  };
  const keep = async (next: StoredHosting): Promise<void> => {
    await writeHosting(home, next);
    stored = next;
  };
  const tell = (): void => {
    changed();
    ends.wait();
  };

  const roomOf = (contact: ContactId): StoredRoom | null => stored.rooms.find((one) => one.contact === contact) ?? null;
  const idOf = (who: string): ContactId => {
    // Also of somebody who is no contact any more.
    const id = who.startsWith('@') ? who.slice(1) : null;
    const all = [...stored.rooms, ...stored.asks, ...stored.offers];
    const known = all.find((one) => one.contact === id);
    if (known !== undefined) return known.contact;
    if (streams === undefined) throw fail('NOT_FOUND', `Nobody is known as ${who}.`);
    return contactIdSchema.parse(streams.contact(who).contact);
  };
  const theRoom = (who: string): StoredRoom => {
    const room = roomOf(idOf(who));
    if (room === null) {
      throw fail('NOT_FOUND', `No room is kept for ${who}.`, { next: 'See `hypha vault hosting` for whom it is.' });
    }
    return room;
  };
  const withRoom = (contact: ContactId, change: Partial<StoredRoom>): StoredHosting => ({
    ...stored,
    rooms: stored.rooms.map((one) => (one.contact === contact ? { ...one, ...change } : one)),
  });

  const diskAt = (directory: string): Disk => {
    if (disk?.directory !== directory) {
      disk = { directory, disk: createDisk(directory, options.reserve ?? reserveBytes, options.free) };
    }
    return disk.disk;
  };
  const pathOf = (directory: string, grant: string): string => join(directory, grant);
  const openRoom = ({ contact, grant }: StoredRoom): Room | null => {
    const { directory } = stored;
    if (directory === null || stopped) return null;
    const there = rooms.get(grant);
    if (there !== undefined) return there;
    const made = createRoom(pathOf(directory, grant), diskAt(directory), {
      bytes: () => roomOf(contact)?.bytes ?? 0,
      closing: () => (roomOf(contact)?.until ?? null) !== null,
    });
    rooms.set(grant, made);
    return made;
  };
  const dismiss = (contact: ContactId): void => {
    for (const guest of guests) if (guest.contact === contact) guest.stream.destroy();
  };

  const directoryFor = async (wanted: string | undefined): Promise<string> => {
    if (wanted !== undefined && !isAbsolute(wanted)) {
      throw fail('BAD_TARGET', `${wanted} is no whole path.`, { next: 'Type it from the root of the file system.' });
    }
    if (stored.directory !== null && wanted !== undefined && wanted !== stored.directory) {
      throw fail('BAD_TARGET', `What is kept for contacts lies in ${stored.directory} already.`, {
        meaning: 'All of it lies in one directory.',
        next: 'Leave the directory out.',
      });
    }
    const directory = stored.directory ?? wanted ?? join(home, 'kept-for-contacts');
    if (stored.directory === null) {
      await makeDirectory(directory).catch((error: Error) => {
        throw fail('BAD_TARGET', `${directory} cannot be used: ${error.message}.`, {
          next: 'Choose a directory that can be written to.',
        });
      });
    }
    return directory;
  };

  /** Durable before anybody is told. */
  const make = async (
    { contact, grant, verifier }: Pick<StoredRoom, 'contact' | 'grant' | 'verifier'>,
    bytes: number,
    directory: string,
  ): Promise<void> => {
    await makeRoom(pathOf(directory, grant));
    const room = { contact, grant, verifier, bytes, since: host.now(), until: null, told: false };
    const others = <T extends { contact: ContactId }>(list: readonly T[]): T[] =>
      list.filter((one) => one.contact !== contact);
    await keep({
      ...{ directory, rooms: [...stored.rooms, room], ended: stored.ended.filter((one) => one !== grant) },
      asks: others(stored.asks),
      offers: others(stored.offers),
    });
    log.info({ contact, bytes }, 'room is kept for a contact');
  };

  /** Delete what rooms that ended left: at once, or after a kill or a disk that was away. Never throws. */
  const clear = async (): Promise<void> => {
    const { directory } = stored;
    if (directory === null) return;
    const cleared = new Set<string>();
    for (const grant of stored.ended) {
      if (stored.rooms.some((one) => one.grant === grant)) cleared.add(grant);
      else if (
        await deleteRoom(pathOf(directory, grant)).catch((error: unknown) => {
          log.warn({ error: String(error), grant }, 'what a contact kept here could not be deleted yet');
          return false;
        })
      ) {
        cleared.add(grant);
      }
    }
    if (cleared.size === 0) return;
    await keep({ ...stored, ended: stored.ended.filter((one) => !cleared.has(one)) }).catch((error: unknown) =>
      // Looked for once more at the next start.
      log.warn({ error: String(error) }, 'which rooms are deleted could not be written down'),
    );
  };

  const endRoom = async ({ contact, grant }: StoredRoom): Promise<void> => {
    // Nobody gets in from here on, whatever the disk says.
    await keep({
      ...stored,
      rooms: stored.rooms.filter((one) => one.contact !== contact),
      ended: [...stored.ended, grant].slice(-mostEnded),
    });
    const room = rooms.get(grant);
    rooms.delete(grant);
    dismiss(contact);
    await room?.end();
    await clear();
  };
  const ends = createEndTimes({ host, log, rooms: () => stored.rooms, end: endRoom, changed, inTurn });

  const asked = (
    contact: ContactId,
    grant: string,
    verifier: string,
    bytes: number,
  ): Promise<{ state: AskState; bytes: number }> =>
    inTurn(async () => {
      const room = roomOf(contact);
      const before = stored.asks.find((one) => one.contact === contact);
      if (room !== null) {
        if (room.grant !== grant || room.verifier !== verifier) return { state: 'refused', bytes: 0 };
        if (bytes <= room.bytes) return { state: 'agreed', bytes: room.bytes };
      }
      // Whoever was told no does not ask again at once under another number.
      if (before?.refused && (before.grant === grant || host.now() - before.at < day)) {
        return { state: 'refused', bytes: room?.bytes ?? 0 };
      }
      const offer = stored.offers.find((one) => one.contact === contact);
      if (room === null && offer !== undefined && bytes <= offer.bytes && stored.directory !== null) {
        await make({ contact, grant, verifier }, bytes, stored.directory);
        tell();
        return { state: 'agreed', bytes };
      }
      const waits = { state: 'waits', bytes: room?.bytes ?? 0 } as const;
      if (before?.grant === grant && before.verifier === verifier && before.bytes === bytes) return waits;
      if (before === undefined && stored.asks.length >= mostAsks) return { state: 'refused', bytes: 0 };
      const ask = { contact, grant, verifier, bytes, at: host.now(), refused: false };
      await keep({ ...stored, asks: [...stored.asks.filter((one) => one !== before), ask] });
      tell();
      return waits;
    });

  const deskFor = (contact: ContactId): Desk => ({
    open(grant, secret) {
      const room = roomOf(contact);
      const known = room === null ? null : fromHex(room.verifier);
      if (room === null || known === null || room.grant !== toHex(grant)) return null;
      if (!equalBytes(known, sha256(secret))) return null;
      const opened = openRoom(room);
      if (opened === null) return null;
      seen.set(contact, host.now());
      return { room: opened, bytes: () => roomOf(contact)?.bytes ?? 0 };
    },
    ask: (grant, verifier, bytes) => asked(contact, toHex(grant), toHex(verifier), bytes),
    withdraw: (grant) =>
      inTurn(async () => {
        const asks = stored.asks.filter((one) => one.contact !== contact || one.grant !== toHex(grant) || one.refused);
        if (asks.length === stored.asks.length) return;
        await keep({ ...stored, asks });
        tell();
      }),
    mine() {
      const room = roomOf(contact);
      const grant = room === null ? null : fromHex(room.grant);
      return {
        offered: stored.offers.find((one) => one.contact === contact)?.bytes ?? 0,
        room: room === null || grant === null ? null : { grant, bytes: room.bytes },
      };
    },
    until() {
      const room = roomOf(contact);
      const until = room?.until ?? null;
      if (room !== null && until !== null && !room.told) {
        void inTurn(async () => {
          if (roomOf(contact)?.until !== until) return;
          await keep(withRoom(contact, { told: true }));
          changed();
        }).catch((error: unknown) => log.warn({ error: String(error) }, 'that a contact was told could not be kept'));
      }
      return until ?? 0;
    },
  });

  const accept = (stream: Duplex, id: string): void => {
    const contact = contactIdSchema.parse(id);
    const quietest = (among: readonly Guest[]): void => {
      among.reduce((a, b) => (b.active < a.active ? b : a)).stream.destroy();
    };
    const same = [...guests].filter((guest) => guest.contact === contact && !guest.stream.destroyed);
    if (same.length >= mostOfOne) quietest(same);
    else if (guests.size >= mostOfAll) {
      stream.destroy();
      return;
    }
    const guest: Guest = { contact, stream, active: host.now() };
    guests.add(guest);
    const { patience } = options;
    void serveGuest(stream, deskFor(contact), {
      ...{ host, log },
      ...(patience === undefined ? {} : { patience }),
      active: () => {
        guest.active = host.now();
      },
    }).finally(() => guests.delete(guest));
  };

  const nameOf = (contact: ContactId): string | null => streams?.nameOf(contact) ?? null;
  const freeNow = async (): Promise<number | null> =>
    stored.directory === null
      ? null
      : diskAt(stored.directory)
          .free()
          .catch(() => null);

  return {
    accept: (stream, contact) => accept(stream, contact),
    theRoom,
    directories: () => {
      const { directory } = stored;
      return directory === null ? [] : stored.rooms.map(({ grant }) => pathOf(directory, grant));
    },
    async start() {
      stopped = false;
      ({ stored, damaged } = await readHosting(home));
      stopListening = streams?.listen(friendPort, (stream, { contact }) => accept(stream, contact)) ?? null;
      await ends.start();
      void inTurn(clear);
    },
    async stop() {
      stopped = true;
      ends.stop();
      await stopListening?.();
      for (const { stream } of guests) stream.destroy();
      await inTurn(async () => {
        await Promise.all([...rooms.values()].map((room) => room.end()));
        rooms.clear();
      });
    },
    async view() {
      const described = stored.rooms.map(async (one) => {
        const state = await openRoom(one)
          ?.state()
          .catch(() => null);
        const { contact, bytes, since, until, told } = one;
        return {
          ...{ contact, bytes, since, until, told },
          name: nameOf(contact),
          used: state?.used ?? null,
          pieces: state?.count ?? null,
          seen: seen.get(contact) ?? null,
          connected: [...guests].some((guest) => guest.contact === contact),
        };
      });
      return {
        directory: stored.directory,
        free: await freeNow(),
        asks: stored.asks
          .filter(({ refused }) => !refused)
          .map(({ contact, bytes, at }) => ({
            ...{ contact, bytes, at, name: nameOf(contact) },
            now: roomOf(contact)?.bytes ?? 0,
          })),
        offers: stored.offers.map(({ contact, bytes, at }) => ({ contact, bytes, at, name: nameOf(contact) })),
        rooms: await Promise.all(described),
        ...(damaged === null
          ? {}
          : {
              problem: {
                text: 'The list of the rooms that you keep for contacts was damaged: nobody gets at theirs.',
                next: `What lies in the rooms is still there. The damaged list is ${damaged}; bring it back from a copy of this computer, or agree on rooms anew.`,
              },
            }),
      };
    },
    give: (who, bytes, wanted) =>
      inTurn(async () => {
        const contact = idOf(who);
        const directory = await directoryFor(wanted);
        const room = roomOf(contact);
        const ask = stored.asks.find((one) => one.contact === contact);
        const grows = bytes - (room?.bytes ?? 0);
        if (grows > 0) {
          const free = await diskAt(directory)
            .free()
            .catch(() => {
              throw fail('BAD_TARGET', `${directory} is not there.`, { next: 'Connect its disk.' });
            });
          if (free < grows) {
            throw fail('DISK_FULL', 'There is less free on this disk than that.', {
              meaning: 'Nothing was changed. The last GiB of the disk stays free for yourself.',
              next: 'Agree to less, or free some space.',
              data: { free },
            });
          }
        }
        if (room !== null) {
          // Whatever was asked for, this is the answer.
          await keep({ ...withRoom(contact, { bytes }), asks: stored.asks.filter((one) => one !== ask) });
        } else if (ask !== undefined) await make(ask, bytes, directory);
        else {
          const offers = stored.offers.filter((one) => one.contact !== contact);
          await keep({ ...stored, directory, offers: [...offers, { contact, bytes, at: host.now() }] });
        }
        tell();
        return { before: room?.bytes ?? null };
      }),
    refuse: (who) =>
      inTurn(async () => {
        const contact = idOf(who);
        const open = stored.asks.some((one) => one.contact === contact && !one.refused);
        const offers = stored.offers.filter((one) => one.contact !== contact);
        if (!open && offers.length === stored.offers.length) {
          throw fail('NOT_FOUND', `${who} has not asked for room, and none was offered to them.`);
        }
        const asks = stored.asks.map((one) =>
          one.contact === contact ? { ...one, refused: true, at: host.now() } : one,
        );
        await keep({ ...stored, asks, offers });
        tell();
      }),
    close: (who, days) =>
      inTurn(async () => {
        const { contact } = theRoom(who);
        await keep(withRoom(contact, { until: host.now() + days * day, told: false }));
        tell();
      }),
    reopen: (who) =>
      inTurn(async () => {
        const { contact } = theRoom(who);
        await keep(withRoom(contact, { until: null, told: false }));
        tell();
      }),
    end: (who) =>
      inTurn(async () => {
        await endRoom(theRoom(who));
        tell();
      }),
  };
}
