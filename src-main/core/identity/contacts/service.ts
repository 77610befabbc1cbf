import { join } from 'node:path';
import { toHex } from '#core/crypto/encoding.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { Contact } from '#shared/contract/contacts.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import type { ContactId, PersonId } from '#shared/model/ids.ts';
import { deviceLabels } from '../device-labels.ts';
import type { Entry } from '../key-log-entry.ts';
import { joinKeyLogs } from '../key-log-join.ts';
import type { PersonKeys } from '../person-keys.ts';
import { onKeysChange } from '../who-is-in.ts';
import { ContactBook } from './book.ts';
import { type ContactCard, decodeCard, type WholeCard } from './card-format.ts';
import { failures } from './failures.ts';
import {
  contentOf,
  decodeMyCard,
  encodeMyCard,
  isFresh,
  type MyCard,
  makeMyCard,
  type Self,
  wholeBytes,
} from './my-card.ts';
import { decodePeers, encodePeers, type Peer } from './peers-table.ts';
import { type ContactRecord, openRecord, sealRecord } from './record.ts';
import { openShelf, type Shelf } from './shelf.ts';
import { viewOf, withNewDevices } from './view.ts';

/** How long a card that came over the mesh counts as up to date. */
const refreshMs = 24 * 3_600_000;
/** Contacts asked at once: the mesh keeps a message for each until it is answered. */
const askedMost = 100;

/** What contacts need of the identity they belong to. */
export interface Owner {
  isUnlocked(): boolean;
  /** This device was never given the person's keys. */
  isKeyless(): boolean;
  person(): { readonly id: PersonId } | null;
  personKeys(): PersonKeys | null;
  /** This device's keys, locked or not. */
  deviceKeys(): { readonly id: string; readonly keys: { readonly sign: Uint8Array } } | null;
  /** Name, key log and device, as a card tells them; null before an identity exists. */
  self(): (Self & { readonly deviceNames: Readonly<Record<string, string>> }) | null;
  /** Another device of the person knows more of their key log. Resolves with whether that was new. */
  merge(entries: readonly Entry[]): Promise<boolean>;
  onChange(listener: () => void): () => void;
}

export interface ContactsDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The identity's directory. */
  readonly directory: string;
  readonly owner: Owner;
}

/** A contact as the name responder knows it. */
export interface ContactName {
  readonly contact: ContactId;
  readonly label: string;
  /** Of devices that were not revoked; X25519, hex. */
  readonly meshKeys: readonly string[];
  /** The person compared the safety number. */
  readonly verified: boolean;
}

/** The contacts of one person on one device. */
export class ContactsService {
  readonly #deps: ContactsDeps;
  readonly #listeners = new Set<() => void>();
  #shelf: Shelf | null = null;
  #book: ContactBook | null = null;
  /** Rows that this person's keys do not open. */
  #unreadable = 0;
  /** When somebody's card came over the mesh last, new or not. */
  readonly #refreshed = new Map<PersonId, number>();
  #peers: readonly Peer[] = [];
  /** Kept after a lock: programs that were told a name go on finding it until the agent ends. Not on disk. */
  #names: readonly ContactName[] = [];
  /** Mesh keys of those whose whole card has not come. */
  #awaited: readonly (readonly string[])[] = [];
  #stopListening: (() => void) | null = null;
  #stopWatching: (() => void) | null = null;

  constructor(deps: ContactsDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { directory, log, owner } = this.#deps;
    this.#shelf = openShelf(join(directory, 'contacts.db'), log);
    const device = owner.deviceKeys();
    const peers = this.#shelf.plain('peers');
    if (device !== null && peers !== null) {
      const read = decodePeers(peers, device.keys.sign);
      if (read === null) log.warn({}, 'the table of peers is not of this device; nobody passes until the next unlock');
      this.#peers = read ?? [];
    }
    this.#stopListening = onKeysChange(owner, () => this.#keysChanged());
    // A changed name or key log makes another card; it is made while the keys are there, to be handed out while they are not.
    this.#stopWatching = owner.onChange(() => this.#renewCard());
    this.#keysChanged();
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    this.#stopWatching?.();
    this.#book = null;
    await this.#shelf
      ?.keepCopy()
      .catch((error: unknown) => this.#deps.log.warn({ error }, 'the copy of the contacts was not refreshed'));
    this.#shelf?.close();
    this.#shelf = null;
  }

  notices(): { code: string; text: string }[] {
    const lost = this.#unreadable;
    const news = withNewDevices(this.#book?.present() ?? [], this.#deps.host.now());
    return [
      ...(this.#shelf?.notice ? [this.#shelf.notice] : []),
      ...(news.length === 0 ? [] : [{ code: 'CONTACT_DEVICES_NEW', text: newDevices(news) }]),
      ...(lost === 0
        ? []
        : [
            {
              code: 'CONTACTS_UNREADABLE',
              text: `${lost === 1 ? 'One contact' : `${lost} contacts`} could not be read and ${lost === 1 ? 'is' : 'are'} left out. Ask for their link again to add them.`,
            },
          ]),
    ];
  }

  /** Called when names or peers changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  peers(): readonly Peer[] {
    return this.#peers;
  }

  names(): readonly ContactName[] {
    return this.#names;
  }

  /** The person's own devices that were not revoked, each with a label that no other has. */
  ownDevices(): readonly { label: string; meshKey: string; current: boolean }[] {
    const self = this.#deps.owner.self();
    if (self === null) return [];
    const labels = deviceLabels(self.log.devices, self.deviceNames);
    return self.log.devices.flatMap(({ id, keys }) => {
      const label = labels.get(id);
      return label === undefined ? [] : [{ label, meshKey: toHex(keys.mesh), current: id === self.device }];
    });
  }

  /**
   * Whose whole card is to be asked for, and under which mesh keys: contacts of whom only the short card is here; the person's
   * other devices, which may know of one that was revoked; and, once a day, every contact, for the same reason. Own devices
   * also while locked.
   */
  waiting(): readonly { contact: string; person: PersonId; meshKeys: readonly string[] }[] {
    const wanted = (this.#book?.present() ?? []).flatMap((record) => {
      const { id, person, known, claimed, blocked } = record;
      if (blocked) return [];
      if (known === null) return claimed === null ? [] : [{ contact: id, person, meshKeys: claimed.mesh }];
      return this.#isDue(person) ? [{ contact: id, person, meshKeys: meshKeysOf(record) }] : [];
    });
    const me = this.#deps.owner.person()?.id;
    const own = me !== undefined && this.#isDue(me) ? this.ownDevices().filter(({ current }) => !current) : [];
    const devices =
      me === undefined ? [] : own.map(({ meshKey }) => ({ contact: meshKey, person: me, meshKeys: [meshKey] }));
    return [...devices, ...wanted.slice(0, askedMost)];
  }

  #isDue(person: PersonId): boolean {
    const last = this.#refreshed.get(person);
    return last === undefined || this.#deps.host.now() - last >= refreshMs;
  }

  /** @throws Fail NO_IDENTITY, LOCKED */
  book(): ContactBook {
    const { owner } = this.#deps;
    if (owner.person() === null) throw failures.noIdentity();
    if (owner.isKeyless()) throw failures.keyless();
    // Asking may itself lock: the time may be over and nothing have noticed.
    if (!owner.isUnlocked() || this.#book === null) throw failures.locked();
    return this.#book;
  }

  /** What a contact is called, blocked and removed ones too; null while locked, and for one that is not there. */
  about(id: string): { petname: string; label: string; blocked: boolean; removed: boolean } | null {
    const record = this.#book?.all().find((one) => one.id === id);
    if (record === undefined) return null;
    const { petname, label, blocked, removedAt } = record;
    return { petname, label, blocked, removed: removedAt !== null };
  }

  /** Null while locked, and for one that is not there. */
  known(id: ContactId): ContactRecord | null {
    return this.#book?.all().find((record) => record.id === id || record.label === id) ?? null;
  }

  /** By id (also as `@ID`), label or what they are called. @throws Fail NOT_FOUND and as {@link book} */
  find(who: string): ContactId {
    const book = this.book();
    const wanted = who
      .trim()
      .replace(/^@/, '')
      .replace(/\.hypha\.?$/i, '');
    const one = book
      .present()
      .find(({ id, label, petname }) => id === wanted || label === wanted.toLowerCase() || petname === who.trim());
    if (one === undefined) throw failures.notFound();
    return one.id;
  }

  /** Null while locked, while only the short card is here, and for a contact that is blocked, removed or not there. */
  keyLog(id: string): { person: PersonId; log: string; epoch: number; meshKeys: readonly string[] } | null {
    const record = this.#book?.present().find((one) => one.id === id);
    if (record === undefined || record.known === null || record.blocked) return null;
    const { log, epoch } = record.known;
    return { person: record.person, log, epoch, meshKeys: meshKeysOf(record) };
  }

  view(record: ContactRecord): Contact {
    return viewOf(record);
  }

  /** Write a changed contact down; it is seen afterwards. */
  save(record: ContactRecord): Contact {
    const book = this.book();
    const contacts = this.#deps.owner.personKeys()?.contacts;
    if (contacts === undefined) throw failures.locked();
    const others = book.present().filter(({ id }) => id !== record.id);
    const peers = peersOf(record.removedAt === null ? [...others, record] : others);
    this.#required().write({
      put: [{ id: record.id, sealed: sealRecord(record, contacts, this.#deps.host.random) }],
      plain: this.#sealedPeers(peers),
    });
    book.set(record);
    this.#show(peers);
    return viewOf(record);
  }

  /**
   * A card that came by itself, over the mesh. Strangers' cards are for a person to add.
   *
   * @returns `later` while locked: offer it again after the next unlock
   */
  take(bytes: Uint8Array): 'updated' | 'unchanged' | 'refused' | 'stranger' | 'later' {
    const decoded = decodeCard(bytes);
    if (!decoded.ok || decoded.card.kind !== 'whole') return 'refused';
    const { owner, host } = this.#deps;
    const { card } = decoded;
    const self = owner.self();
    if (self !== null && card.person === self.log.person) return this.#takeOwn(card, self);
    if (!owner.isUnlocked() || this.#book === null) return 'later';
    const before = this.#book.ofPerson(card.person);
    if (before === null || before.removedAt !== null) return 'stranger';
    if (card.expiresAt <= host.now()) return 'refused';
    this.#refreshed.set(card.person, host.now());
    const { record, outcome } = this.#book.add(card);
    if (outcome === 'unchanged') return 'unchanged';
    this.save(record);
    return outcome === 'forked' ? 'refused' : 'updated';
  }

  /** From another device of the person: what it knows of their devices that this one does not. */
  #takeOwn(card: WholeCard, self: Self): 'updated' | 'unchanged' | 'refused' {
    const { owner, host, log } = this.#deps;
    const joined = joinKeyLogs(self.entries, card.entries);
    if (!joined.ok) return 'refused';
    this.#refreshed.set(card.person, host.now());
    if (joined.entries.length === self.entries.length) return 'unchanged';
    owner.merge(card.entries).catch((error: unknown) => log.warn({ error }, 'what another device told was not kept'));
    return 'updated';
  }

  /** @throws Fail NO_IDENTITY; LOCKED when none was made yet, or the last one ran out. */
  myCard(): MyCard {
    this.#renewCard();
    const card = decodeMyCard(this.#required().plain('my-card'));
    if (this.#deps.owner.self() === null) throw failures.noIdentity();
    if (card === null && this.#deps.owner.isKeyless()) throw failures.keyless();
    if (card === null || card.expiresAt <= this.#deps.host.now()) throw failures.locked();
    return card;
  }

  /** The whole card, for whoever asks over the mesh; null when there is none at the moment. */
  myCardBytes(): Uint8Array | null {
    const card = this.#shelf && decodeMyCard(this.#shelf.plain('my-card'));
    return card && card.expiresAt > this.#deps.host.now() ? wholeBytes(card) : null;
  }

  #required(): Shelf {
    if (this.#shelf === null) throw new Error('contacts are not started');
    return this.#shelf;
  }

  #renewCard(): void {
    const { owner, host, log } = this.#deps;
    const [self, keys] = [owner.self(), owner.personKeys()];
    if (self === null || keys === null || this.#shelf === null) return;
    const before = decodeMyCard(this.#shelf.plain('my-card'));
    if (before !== null && before.of === contentOf(self) && isFresh(before, host.now())) return;
    const card = makeMyCard(self, keys.current.signSeed, host.now(), before);
    // A full disk keeps nobody from showing the card: the next time it is made again.
    try {
      this.#shelf.write({ plain: { 'my-card': encodeMyCard(card) } });
    } catch (error) {
      log.warn({ error }, 'the card was not written');
    }
  }

  #keysChanged(): void {
    const { owner, host } = this.#deps;
    const keys = owner.personKeys();
    const person = owner.person();
    if (keys === null || person === null) {
      this.#book = null;
      this.#deps.emit({ topic: 'contacts', ids: [] });
      return;
    }
    const records: ContactRecord[] = [];
    this.#unreadable = 0;
    for (const { id, sealed } of this.#required().rows()) {
      const record = openRecord(id, sealed, keys.contacts);
      if (record === null) this.#unreadable++;
      else records.push(record);
    }
    const book = new ContactBook(records, person.id, host);
    const overdue = book.overdue();
    for (const id of overdue) book.forget(id);
    this.#book = book;
    const peers = peersOf(book.present());
    // Also after the device keys changed, which the table is authenticated with.
    this.#required().write({ drop: overdue, plain: this.#sealedPeers(peers) });
    this.#show(peers);
    this.#renewCard();
  }

  #sealedPeers(peers: readonly Peer[]): Record<string, Uint8Array> {
    const device = this.#deps.owner.deviceKeys();
    return device === null ? {} : { peers: encodePeers(peers, device.keys.sign) };
  }

  #show(peers: readonly Peer[]): void {
    const present = this.#book?.present() ?? [];
    const names = present.flatMap((record) =>
      record.blocked || record.known === null
        ? []
        : [
            {
              contact: record.id,
              label: record.label,
              meshKeys: meshKeysOf(record),
              verified: record.verifiedAt !== null && record.forkSeenAt === null,
            },
          ],
    );
    // Their whole card is asked for as soon as there is somebody to ask.
    const awaited = present.flatMap(({ blocked, known, claimed }) =>
      blocked || known !== null || claimed === null ? [] : [claimed.mesh],
    );
    // Who is called what, and who is let in, is worth breaking connections for; a note about somebody is not.
    const same = canonicalJson([this.#peers, this.#names, this.#awaited]) === canonicalJson([peers, names, awaited]);
    this.#peers = peers;
    this.#names = names;
    this.#awaited = awaited;
    if (!same) this.#tell();
    this.#deps.emit({ topic: 'contacts', ids: [] });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#deps.log.error({ error }, 'contacts listener failed');
      }
    }
  }
}

const namedMost = 5;

/**
 * A device added is what becomes of a person who bought one, and of a thief who has their keys and adds the stolen one anew after
 * it was revoked: only they can tell which.
 */
function newDevices(names: readonly string[]): string {
  const shown =
    names.length > namedMost ? [...names.slice(0, namedMost - 1), `${names.length - namedMost + 1} others`] : names;
  const who = shown.length === 1 ? shown.join() : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
  return `${who} added a device in the last days. What you send or offer to them reaches it too. If that is news to them, somebody has their keys: block them until they have new ones.`;
}

/** Of devices that act for the person; what a short card claims lets nobody in. */
function meshKeysOf({ known }: ContactRecord): string[] {
  return known?.devices.flatMap(({ mesh, revokedAt }) => (revokedAt === null ? [mesh] : [])) ?? [];
}

/** A blocked contact's revoked devices count as theirs too: they stay out. */
function peersOf(records: readonly ContactRecord[]): Peer[] {
  return records.flatMap((record) => {
    const meshKeys = record.blocked ? (record.known?.devices.map(({ mesh }) => mesh) ?? []) : meshKeysOf(record);
    return meshKeys.length === 0 ? [] : [{ contact: record.id, meshKeys, blocked: record.blocked }];
  });
}

/** A card from a link's text, or the failure that says why there is none. */
export function cardOf(outcome: ReturnType<typeof decodeCard>): ContactCard {
  if (!outcome.ok) throw failures.noCard(outcome.fault);
  return outcome.card;
}
