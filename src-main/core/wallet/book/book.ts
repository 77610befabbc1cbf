import type { Host } from '#core/host.ts';
import type { ContactAddress } from '#shared/contract/wallet/addresses.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import type { ContactId } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import { checked } from '../keys/account-handlers.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { WalletPeople } from '../ports.ts';
import type { AddressRow, AddressTable } from './address-table.ts';

/** Somebody as money goes to or comes from them. */
export interface Party {
  readonly address: EvmAddress;
  readonly contact: ContactId | null;
  /** What the person calls them, or their own account; null for somebody unknown. */
  readonly name: string | null;
}

interface Deps {
  readonly table: AddressTable;
  readonly people: WalletPeople;
  readonly keyring: Keyring;
  readonly host: Pick<Host, 'now'>;
  readonly changed: () => void;
}

const nobody = `0x${'0'.repeat(40)}`;

export type Book = ReturnType<typeof createBook>;

/** The address book: contacts, and where they get money. */
export function createBook({ table, people, keyring, host, changed }: Deps) {
  const save = (row: AddressRow): void => {
    table.put(row);
    changed();
  };

  /** @throws Fail BAD_CHECKSUM, BAD_RECIPIENT */
  function usable(typed: EvmAddress): EvmAddress {
    const address = checked(typed);
    if (address !== nobody) return address;
    throw fail('BAD_RECIPIENT', 'This address is nobody’s.', {
      meaning: 'Nothing was sent: money that goes there is lost.',
      next: 'Ask for the right address.',
    });
  }

  /** Whose address this is, as far as the person knows. */
  function partyOf(address: EvmAddress): Party {
    const wanted = address.toLowerCase();
    const own = keyring.find(address);
    if (own !== null && own.removedAt === null) return { address, contact: null, name: `your ${own.name}` };
    const known = table.all().find((row) => row.address?.toLowerCase() === wanted);
    if (known === undefined) return { address, contact: null, name: null };
    return { address, contact: known.contact as ContactId, name: people.nameOf(known.contact) };
  }

  return {
    partyOf,
    usable,

    /** Who is meant: an address, or a contact by name or id. @throws Fail NOT_FOUND, NO_ADDRESS, BAD_CHECKSUM, BAD_RECIPIENT, LOCKED */
    resolve(to: string): Party {
      if (/^0x[0-9a-fA-F]{40}$/.test(to)) return partyOf(usable(to as EvmAddress));
      const contact = people.find(to) as ContactId;
      const { address, offered } = table.of(contact);
      const name = people.nameOf(contact);
      if (address !== null) return { address, contact, name };
      throw fail('NO_ADDRESS', `It is not known to which address ${name ?? to} gets money.`, {
        meaning: 'Nothing was sent.',
        next:
          offered === null
            ? 'Ask them to tell you their address in Hypha, or type it in for them.'
            : `They told you ${offered}: take it for them first.`,
      });
    },

    view(row: AddressRow): ContactAddress {
      const { contact, address, origin, since, offered, offeredAt, toldAt } = row;
      return {
        contact: contact as ContactId,
        name: people.nameOf(contact),
        address,
        from: origin,
        since,
        offered: offered === null || offeredAt === null ? null : { address: offered, at: offeredAt },
        toldAt,
      };
    },
    all: (): AddressRow[] =>
      table.all().filter(({ address, offered, toldAt }) => (address ?? offered ?? toldAt) !== null),
    of: (contact: string): AddressRow => table.of(contact),

    /** By the person. @throws Fail BAD_CHECKSUM, BAD_RECIPIENT */
    set(contact: string, typed: EvmAddress): AddressRow {
      const address = usable(typed);
      const before = table.of(contact);
      const isTheirs = before.offered === address || (before.address === address && before.origin === 'them');
      const row: AddressRow = {
        ...before,
        ...{ address, origin: isTheirs ? 'them' : 'you', since: host.now() },
        ...(before.offered === address ? { offered: null, offeredAt: null } : {}),
      };
      save(row);
      return row;
    },
    forget(contact: string): void {
      save({ ...table.of(contact), address: null, origin: null, since: null });
    },

    /**
     * A letter of theirs says it. The first one is used; one that differs from what is used waits until the person takes it, because a
     * changed address is how money is stolen from somebody's friends.
     */
    told(contact: string, typed: EvmAddress): void {
      const address = usable(typed);
      const before = table.of(contact);
      const now = host.now();
      if (before.address === null)
        save({ ...before, address, origin: 'them', since: now, offered: null, offeredAt: null });
      else if (before.address === address) save({ ...before, origin: 'them', offered: null, offeredAt: null });
      else if (before.offered !== address) save({ ...before, offered: address, offeredAt: now });
    },
    noteTold(contact: string): AddressRow {
      const row = { ...table.of(contact), toldAt: host.now() };
      save(row);
      return row;
    },
  };
}
