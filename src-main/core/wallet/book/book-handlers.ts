import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { walletAddressesContract } from '#shared/contract/wallet/addresses.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { WalletPeople } from '../ports.ts';
import type { Book } from './book.ts';

type Methods = typeof walletAddressesContract;

export function bookHandlers(book: Book, people: WalletPeople, keyring: Keyring): Handlers<Methods> {
  return {
    'wallet.addresses': () => {
      keyring.accounts();
      return { entries: book.all().map(book.view) };
    },
    'wallet.setAddress': ({ contact: who, address }, context) => {
      const contact = people.find(who);
      const before = book.of(contact).address;
      if (before === null) context.undo('wallet.forgetAddress', { contact });
      else context.undo('wallet.setAddress', { contact, address: before });
      return { entry: book.view(book.set(contact, address)) };
    },
    'wallet.forgetAddress': ({ contact: who }, context) => {
      const contact = people.find(who);
      const before = book.of(contact).address;
      if (before !== null) context.undo('wallet.setAddress', { contact, address: before });
      book.forget(contact);
      return {};
    },
  };
}

export function bookChecks(book: Book, people: WalletPeople): Checks<Methods> {
  return {
    'wallet.setAddress': ({ contact, address }) => {
      people.find(contact);
      book.usable(address);
    },
    'wallet.forgetAddress': ({ contact }) => void people.find(contact),
  };
}

/** Contacts by what the person calls them. */
export function bookNaming(people: WalletPeople): Naming<Methods> {
  const named = ({ contact }: { contact: string }): { contact?: string } => {
    const name = people.nameOf(people.find(contact));
    return name === null ? {} : { contact: `“${name}”` };
  };
  return { 'wallet.setAddress': named, 'wallet.forgetAddress': named };
}
