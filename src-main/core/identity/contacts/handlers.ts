import type { Handlers } from '#core/broker/handlers.ts';
import type { Host } from '#core/host.ts';
import type { contactsContract } from '#shared/contract/contacts.ts';
import type { ContactId, PersonId } from '#shared/model/ids.ts';
import { cardLink, readCardLink } from './card-link.ts';
import { mustBeTheSame, numberWith } from './compared.ts';
import { failures } from './failures.ts';
import type { ContactRecord } from './record.ts';
import { type ContactsService, cardOf } from './service.ts';

/** The contacts part of the contract, over the service. */
export function createHandlers(
  service: ContactsService,
  host: Pick<Host, 'now'>,
  self: () => PersonId | null,
): Handlers<typeof contactsContract> {
  function change(id: ContactId, next: (record: ContactRecord) => Partial<ContactRecord>, removed = false) {
    const record = service.book().find(id, removed);
    return service.save({ ...record, ...next(record) });
  }

  return {
    'contacts.list': ({ removed }) => ({
      contacts: service
        .book()
        .all()
        .filter(({ removedAt }) => (removedAt !== null) === removed)
        .map((record) => service.view(record))
        .sort((a, b) => a.petname.localeCompare(b.petname)),
    }),

    'contacts.look': ({ card: text }) => {
      const book = service.book();
      const card = cardOf(readCardLink(text));
      if (card.person === self()) throw failures.own();
      if (card.expiresAt <= host.now()) throw failures.expired(card.expiresAt);
      const known = book.ofPerson(card.person);
      const named = known === null ? book.nameFor(card) : { petname: known.petname, looksLike: null };
      return {
        person: card.person,
        name: card.name,
        kind: card.kind,
        devices:
          card.kind === 'short'
            ? card.meshKeys.length
            : card.log.devices.filter(({ revokedAt }) => revokedAt === null).length,
        expiresAt: card.expiresAt,
        contact: known === null ? null : service.view(known),
        ...named,
      };
    },

    'contacts.add': ({ card: text, petname }, context) => {
      const book = service.book();
      const card = cardOf(readCardLink(text));
      const before = book.ofPerson(card.person);
      const { record, outcome } = book.add(card, petname);
      const contact = outcome === 'unchanged' ? service.view(record) : service.save(record);
      if (outcome === 'forked') throw failures.forked(record.petname);
      if (outcome === 'added' || outcome === 'back') context.undo('contacts.remove', { contact: record.id });
      else if (before !== null && before.petname !== record.petname)
        context.undo('contacts.rename', { contact: record.id, petname: before.petname, label: before.label });
      return { contact, outcome };
    },

    'contacts.rename': ({ contact, petname, label }, context) => {
      const before = service.book().find(contact);
      const renamed = service.save(service.book().rename(before.id, petname, label));
      context.undo('contacts.rename', { contact: before.id, petname: before.petname, label: before.label });
      return renamed;
    },

    'contacts.safety': ({ contact }) => ({ number: numberWith(self(), service.book().find(contact)) }),

    'contacts.verify': ({ contact, number }, context) => {
      const record = service.book().find(contact);
      mustBeTheSame(self(), record, number);
      context.undo('contacts.unverify', { contact: record.id });
      return service.save({ ...record, verifiedAt: host.now(), forkSeenAt: null });
    },

    'contacts.unverify': ({ contact }) => change(contact, () => ({ verifiedAt: null })),

    'contacts.block': ({ contact }, context) => {
      const changed = change(contact, () => ({ blocked: true }));
      context.undo('contacts.unblock', { contact: changed.id });
      return changed;
    },

    'contacts.unblock': ({ contact }, context) => {
      const changed = change(contact, () => ({ blocked: false }));
      context.undo('contacts.block', { contact: changed.id });
      return changed;
    },

    'contacts.remove': ({ contact }, context) => {
      const changed = change(contact, () => ({ removedAt: host.now() }));
      context.undo('contacts.restore', { contact: changed.id });
      return changed;
    },

    'contacts.restore': ({ contact }, context) => {
      const restored = service.save(service.book().restore(contact));
      context.undo('contacts.remove', { contact: restored.id });
      return restored;
    },

    'contacts.myCard': () => {
      const card = service.myCard();
      return {
        link: `${linkStart}${card.whole}`,
        shortLink: `${linkStart}${card.short}`,
        name: card.name,
        expiresAt: card.expiresAt,
      };
    },
  };
}

const linkStart = cardLink(new Uint8Array(0));
