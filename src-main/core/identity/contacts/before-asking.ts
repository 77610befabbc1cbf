import type { Checks, Naming } from '#core/broker/handlers.ts';
import type { contactsContract } from '#shared/contract/contacts.ts';
import type { ContactId, PersonId } from '#shared/model/ids.ts';
import { readCardLink } from './card-link.ts';
import { mustBeTheSame } from './compared.ts';
import { type ContactsService, cardOf } from './service.ts';

type Methods = typeof contactsContract;

/** What can be told to be wrong before anybody is asked. */
export function contactsChecks(service: ContactsService, self: () => PersonId | null): Checks<Methods> {
  const known = ({ contact }: { contact: ContactId }): void => void service.book().find(contact);
  return {
    'contacts.add': ({ card }) => void cardOf(readCardLink(card)),
    'contacts.rename': known,
    // Nobody is asked to vouch for a number that is not the one: a person may say yes to it.
    'contacts.verify': ({ contact, number }) => mustBeTheSame(self(), service.book().find(contact), number),
    'contacts.unverify': known,
    'contacts.block': known,
    'contacts.unblock': known,
    'contacts.remove': known,
    'contacts.restore': ({ contact }) => void service.book().find(contact, true),
  };
}

/** Contacts by what the person calls them; a link by whose card it is. */
export function contactsNaming(service: ContactsService): Naming<Methods> {
  const contact = (input: { contact: ContactId }): { contact?: string } => {
    const record = service.known(input.contact);
    return record === null ? {} : { contact: `“${record.petname}”` };
  };
  return {
    'contacts.add'({ card }) {
      const read = readCardLink(card);
      return read.ok ? { card: `the card of “${read.card.name}” (${read.card.person})` } : {};
    },
    'contacts.rename': contact,
    'contacts.verify': contact,
    'contacts.unverify': contact,
    'contacts.block': contact,
    'contacts.unblock': contact,
    'contacts.remove': contact,
    'contacts.restore': contact,
  };
}
