import { randomId } from '#core/crypto/ids.ts';
import type { Host } from '#core/host.ts';
import { type ContactId, contactIdSchema, type PersonId } from '#shared/model/ids.ts';
import type { ContactCard } from './card-format.ts';
import { failures } from './failures.ts';
import { meet } from './meet.ts';
import { freeLabel, freeName, isLabel, labelFor, looksLike } from './petname.ts';
import type { ContactRecord } from './record.ts';

/** Each has a few kilobytes of keys; a person who knows more people needs another book. */
export const contactsMost = 2_000;
/** How long a removed contact can be put back. */
export const removedLifeMs = 30 * 24 * 3_600_000;

export type AddOutcome = 'added' | 'updated' | 'unchanged' | 'back';

/**
 * The contacts in memory, while unlocked. Each change answers with the record to be written; the caller writes it and then
 * puts it in with `set`, so that what is seen is what lies on disk.
 */
export class ContactBook {
  readonly #records: Map<ContactId, ContactRecord>;
  readonly #host: Pick<Host, 'now' | 'random'>;
  readonly #self: PersonId;

  constructor(records: readonly ContactRecord[], self: PersonId, host: Pick<Host, 'now' | 'random'>) {
    this.#records = new Map(records.map((record) => [record.id, record]));
    this.#self = self;
    this.#host = host;
  }

  all(): readonly ContactRecord[] {
    return [...this.#records.values()];
  }

  present(): readonly ContactRecord[] {
    return this.all().filter(({ removedAt }) => removedAt === null);
  }

  /** Removed so long ago that they are to be forgotten. */
  overdue(): readonly ContactId[] {
    const now = this.#host.now();
    return this.all().flatMap(({ id, removedAt }) =>
      removedAt !== null && now - removedAt > removedLifeMs ? [id] : [],
    );
  }

  set(record: ContactRecord): void {
    this.#records.set(record.id, record);
  }

  forget(id: ContactId): void {
    this.#records.delete(id);
  }

  ofPerson(person: PersonId): ContactRecord | null {
    return this.all().find((record) => record.person === person) ?? null;
  }

  /** By id or, as people type it, by label. @throws Fail NOT_FOUND */
  find(id: ContactId, removed = false): ContactRecord {
    const named = () => this.all().filter((record) => record.label === id && (record.removedAt !== null) === removed);
    const record = this.#records.get(id) ?? named()[0];
    if (record === undefined || (record.removedAt !== null) !== removed) throw failures.notFound();
    return record;
  }

  /** What a newcomer would be called, and whom that name looks like. */
  nameFor(card: ContactCard): { petname: string; looksLike: string | null } {
    const twin = this.#twin(card.name, null);
    return { petname: freeName(card.name, this.#looks(null)), looksLike: twin?.petname ?? null };
  }

  /**
   * @throws Fail CARD_EXPIRED, CARD_OWN, NAME_TAKEN, CONTACTS_FULL. A fork is not thrown, as it is written down: the record
   * answered has `forkSeenAt` set anew.
   */
  add(card: ContactCard, petname?: string): { record: ContactRecord; outcome: AddOutcome | 'forked' } {
    const now = this.#host.now();
    if (card.person === this.#self) throw failures.own();
    if (card.expiresAt <= now) throw failures.expired(card.expiresAt);
    const before = this.ofPerson(card.person);
    const meeting = meet(before, card);
    if (before === null) {
      if (this.present().length >= contactsMost) throw failures.full(contactsMost);
      if (meeting.outcome === 'forked') throw new Error('a stranger has no history to fork from');
      if (petname !== undefined) this.#refuseTwin(petname, null);
      const name = petname ?? freeName(card.name, this.#looks(null));
      const record: ContactRecord = {
        v: 1,
        id: contactIdSchema.parse(randomId(this.#host.random)),
        person: card.person,
        petname: name,
        label: freeLabel(labelFor(name), this.#labels(null)),
        ...meeting.part,
        addedAt: now,
        verifiedAt: null,
        blocked: false,
        removedAt: null,
        forkSeenAt: null,
      };
      return { record, outcome: 'added' };
    }
    if (meeting.outcome === 'forked') return { record: { ...before, forkSeenAt: now }, outcome: 'forked' };
    const known = { ...before, ...meeting.part, known: withNews(before.known, meeting.part.known, now) };
    const back = before.removedAt === null ? known : this.#putBack(known);
    const record = petname === undefined ? back : this.#named(back, petname, undefined);
    if (before.removedAt !== null) return { record, outcome: 'back' };
    const changed = meeting.outcome === 'updated' || record.petname !== before.petname;
    return { record, outcome: changed ? 'updated' : 'unchanged' };
  }

  /** @throws Fail NOT_FOUND, NAME_TAKEN */
  rename(id: ContactId, petname: string, label: string | undefined): ContactRecord {
    return this.#named(this.find(id), petname, label);
  }

  /** @throws Fail NOT_FOUND, CONTACTS_FULL */
  restore(id: ContactId): ContactRecord {
    return this.#putBack(this.find(id, true));
  }

  #putBack(record: ContactRecord): ContactRecord {
    if (this.present().length >= contactsMost) throw failures.full(contactsMost);
    // Somebody else may have got the name in the meantime.
    const petname = freeName(record.petname, this.#looks(record.id));
    return { ...record, removedAt: null, petname, label: freeLabel(record.label, this.#labels(record.id)) };
  }

  #named(record: ContactRecord, petname: string, label: string | undefined): ContactRecord {
    this.#refuseTwin(petname, record.id);
    const labels = this.#labels(record.id);
    if (label !== undefined && (!isLabel(label) || labels.has(label))) throw failures.labelTaken(label);
    if (label === undefined && petname === record.petname) return record;
    return { ...record, petname, label: label ?? freeLabel(labelFor(petname), labels) };
  }

  #refuseTwin(petname: string, besides: ContactId | null): void {
    const twin = this.#twin(petname, besides);
    if (twin !== null) throw failures.nameTaken(petname, twin.petname);
  }

  #twin(petname: string, besides: ContactId | null): ContactRecord | null {
    const look = looksLike(petname);
    return this.present().find((record) => record.id !== besides && looksLike(record.petname) === look) ?? null;
  }

  #looks(besides: ContactId | null): ReadonlySet<string> {
    return new Set(this.present().flatMap(({ id, petname }) => (id === besides ? [] : [looksLike(petname)])));
  }

  #labels(besides: ContactId | null): ReadonlySet<string> {
    return new Set(this.present().flatMap(({ id, label }) => (id === besides ? [] : [label])));
  }
}

/** Devices with when each was first told of here. */
function withNews(before: ContactRecord['known'], now: ContactRecord['known'], at: number): ContactRecord['known'] {
  if (before === null || now === null) return now;
  const seen = new Map(before.devices.map((device) => [device.id, device]));
  const devices = now.devices.map((device) => {
    const seenAt = seen.has(device.id) ? seen.get(device.id)?.seenAt : at;
    return seenAt === undefined ? device : { ...device, seenAt };
  });
  return { ...now, devices };
}
