import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { contactsContract } from '#shared/contract/contacts.ts';
import type { ContactId, PersonId } from '#shared/model/ids.ts';
import { contactsChecks, contactsNaming } from './before-asking.ts';
import { createHandlers } from './handlers.ts';
import type { Peer } from './peers-table.ts';
import { type ContactName, type ContactsDeps, ContactsService } from './service.ts';

export type { Peer } from './peers-table.ts';
export type { ContactName, ContactsDeps } from './service.ts';

/** The people somebody knows, and what others of the core ask about them. */
export interface Contacts {
  readonly handlers: Handlers<typeof contactsContract>;
  readonly checks: Checks<typeof contactsContract>;
  readonly naming: Naming<typeof contactsContract>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Which mesh keys are whose, locked or not. What is not in it is no contact's. */
  peers(): readonly Peer[];
  /** For the name responder; since the first unlock of this run. */
  names(): readonly ContactName[];
  /** What a contact is called, blocked and removed ones too; null while locked, and for one that is not there. */
  about(id: string): {
    readonly petname: string;
    readonly label: string;
    readonly blocked: boolean;
    readonly removed: boolean;
  } | null;
  /** Whom a name, label or id means. @throws Fail NOT_FOUND, LOCKED, NO_IDENTITY, KEYLESS */
  find(who: string): ContactId;
  /** The verified key log of a contact (log-bytes.ts, base64url) and the mesh keys of their devices: see the service. */
  keyLog(id: string): ReturnType<ContactsService['keyLog']>;
  /** The person compared the safety number, and nothing spoke against it since; false while locked. */
  isVerified(id: string): boolean;
  /** The person's own devices, by a label each; locked or not. */
  ownDevices(): readonly { readonly label: string; readonly meshKey: string; readonly current: boolean }[];
  /** Whose whole card is to be asked for, and where: see the service. */
  waiting(): readonly {
    readonly contact: string;
    readonly person: PersonId;
    readonly meshKeys: readonly string[];
  }[];
  /** A whole card that came over the mesh. `later`: locked, offer it again after the next unlock. */
  take(card: Uint8Array): 'updated' | 'unchanged' | 'refused' | 'stranger' | 'later';
  /** My own whole card, for whoever asks; null when none is made yet. */
  myCard(): Uint8Array | null;
  /** Called when `names` or `peers` changed, or whose whole card is `waiting`. */
  onChange(listener: () => void): () => void;
  notices(): readonly { readonly code: string; readonly text: string }[];
}

export function createContacts(deps: ContactsDeps): Contacts {
  const service = new ContactsService(deps);
  const self = (): PersonId | null => deps.owner.person()?.id ?? null;
  return {
    handlers: createHandlers(service, deps.host, self),
    checks: contactsChecks(service, self),
    naming: contactsNaming(service),
    start: async () => service.start(),
    stop: () => service.stop(),
    peers: () => service.peers(),
    names: () => service.names(),
    about: (id) => service.about(id),
    find: (who) => service.find(who),
    keyLog: (id) => service.keyLog(id),
    isVerified: (id) => service.names().some(({ contact, verified }) => contact === id && verified),
    ownDevices: () => service.ownDevices(),
    waiting: () => service.waiting(),
    take: (card) => service.take(card),
    myCard: () => service.myCardBytes(),
    onChange: (listener) => service.onChange(listener),
    notices: () => service.notices(),
  };
}
