import { z } from 'zod';
import { contactIdSchema, deviceIdSchema, personIdSchema, timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';
import { displayNameSchema } from './identity.ts';

const personOnly = 'Only a person can have compared the number.';
const notForPeers = 'Whom you know is nobody else’s business.';

/** A `hypha://contact/…` link, from wherever it came: pasted, read from a QR code, out of a file. */
const cardTextSchema = z.string().trim().min(1, 'Paste a link.').max(2_000_000);

/** Part of a host name: lower-case letters, digits and hyphens. */
const labelSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'Use the letters a to z, digits and hyphens.');

export const contactDeviceSchema = z.object({
  /** Null while only the person’s short card is here, which does not say it. */
  id: deviceIdSchema.nullable(),
  /** The device’s mesh public key (X25519), 64 hex digits. */
  meshKey: z.string().regex(/^[0-9a-f]{64}$/),
  addedAt: timeSchema.nullable(),
  revokedAt: timeSchema.nullable(),
  /** When this device heard of it; null for those that the first whole card told of. */
  seenAt: timeSchema.nullable(),
});

export const contactSchema = z.object({
  id: contactIdSchema,
  person: personIdSchema,
  /** What you call them; no two contacts have names that look alike. */
  petname: displayNameSchema,
  /** The same for host names: `LABEL.hypha`. */
  label: z.string(),
  /** What they call themselves. */
  name: displayNameSchema,
  /** `waiting` only their short card is here; the whole one, which proves it, comes over the mesh. */
  state: z.enum(['known', 'waiting']),
  /** When you compared the safety number. */
  verifiedAt: timeSchema.nullable(),
  blocked: z.boolean(),
  addedAt: timeSchema,
  /** Still kept, to be put back, until 30 days after this. */
  removedAt: timeSchema.nullable(),
  /** When their last card was made, by their clock. */
  cardAt: timeSchema,
  /** When a card came that tells another history of their keys; it was refused. */
  forkSeenAt: timeSchema.nullable(),
  devices: z.array(contactDeviceSchema),
});
export type Contact = z.infer<typeof contactSchema>;

export const contactsContract = {
  'contacts.list': method({
    kind: 'call',
    about: 'List the people you know.',
    input: z.object({
      /** The removed ones instead, which can still be put back. */
      removed: z.boolean().default(false),
    }),
    output: z.object({ contacts: z.array(contactSchema) }),
    errors: ['NO_IDENTITY', 'KEYLESS'],
    effect: 'read',
    summary: (i) => (i.removed ? 'List removed contacts' : 'List your contacts'),
    examples: ['who are my contacts', 'list contacts'],
    withheld: { peer: notForPeers },
  }),
  'contacts.look': method({
    kind: 'call',
    about: 'Read a contact link without adding anybody.',
    input: z.object({ card: cardTextSchema }),
    output: z.object({
      person: personIdSchema,
      name: displayNameSchema,
      kind: z.enum(['whole', 'short']),
      devices: z.number().int().nonnegative(),
      expiresAt: timeSchema,
      /** Whoever of your contacts it is. */
      contact: contactSchema.nullable(),
      /** What they would be called if you add them without choosing a name. */
      petname: displayNameSchema,
      /** A contact has a name that looks like this one’s: is it really somebody else? */
      looksLike: z.string().nullable(),
    }),
    errors: ['NO_IDENTITY', 'KEYLESS', 'CARD_INVALID', 'CARD_EXPIRED', 'CARD_OWN'],
    effect: 'read',
    summary: () => 'Read a contact link',
    examples: [],
    withheld: { peer: notForPeers },
    positional: ['card'],
  }),
  'contacts.add': method({
    kind: 'call',
    about: 'Add somebody by their contact link, or take in a newer card of somebody you know.',
    input: z.object({
      card: cardTextSchema,
      /** What you want to call them; their own name unless given. */
      petname: displayNameSchema.optional(),
    }),
    output: z.object({
      contact: contactSchema,
      outcome: z.enum(['added', 'updated', 'unchanged', 'back']),
    }),
    errors: [
      'NO_IDENTITY',
      'KEYLESS',
      'CARD_INVALID',
      'CARD_EXPIRED',
      'CARD_OWN',
      'CARD_FORKED',
      'NAME_TAKEN',
      'CONTACTS_FULL',
    ],
    effect: 'write',
    summary: (i) => (i.petname === undefined ? 'Add a contact by a link' : `Add the contact "${i.petname}" by a link`),
    examples: ['add this contact'],
    undo: { method: 'contacts.remove' },
    withheld: { peer: notForPeers },
    positional: ['card'],
  }),
  'contacts.rename': method({
    kind: 'call',
    about: 'Change what you call a contact, and with it their host name.',
    input: z.object({
      contact: contactIdSchema,
      petname: displayNameSchema,
      /** The host name’s part; made from the name unless given. */
      label: labelSchema.optional(),
    }),
    output: contactSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND', 'NAME_TAKEN'],
    // Names are what offers, questions and other programs go by.
    effect: 'admin',
    summary: (i) => `Call the contact ${i.contact} "${i.petname}"${i.label === undefined ? '' : ` (${i.label}.hypha)`}`,
    examples: ['call {contact} {petname}'],
    undo: { method: 'contacts.rename' },
    withheld: { peer: notForPeers },
    positional: ['contact', 'petname'],
  }),
  'contacts.safety': method({
    kind: 'call',
    about: 'Show the safety number, which is the same on both sides if nobody stands between you.',
    input: z.object({ contact: contactIdSchema }),
    output: z.object({ number: z.array(z.string().regex(/^\d{5}$/)).length(12) }),
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND', 'CONTACT_WAITING'],
    effect: 'read',
    summary: () => 'Show a contact’s safety number',
    examples: [],
    withheld: { peer: notForPeers },
    positional: ['contact'],
  }),
  'contacts.verify': method({
    kind: 'call',
    about: 'Note that you compared the safety number with this person and it was the same.',
    input: z.object({
      contact: contactIdSchema,
      /** The number that was compared: sixty digits, spaces allowed. */
      number: z.string().max(200),
    }),
    output: contactSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND', 'CONTACT_WAITING', 'NUMBER_DIFFERS'],
    effect: 'admin',
    summary: (i) => `Mark the contact ${i.contact} as verified`,
    examples: [],
    undo: { method: 'contacts.unverify' },
    withheld: { assistant: personOnly, mcp: personOnly, peer: personOnly },
    positional: ['contact', 'number'],
  }),
  'contacts.unverify': method({
    kind: 'call',
    about: 'Take back that you compared the safety number.',
    input: z.object({ contact: contactIdSchema }),
    output: contactSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Mark the contact ${i.contact} as not verified`,
    examples: [],
    undo: { never: 'Compare the number again and verify.' },
    withheld: { peer: notForPeers },
    positional: ['contact'],
  }),
  'contacts.block': method({
    kind: 'call',
    about: 'Block a contact: none of their devices gets through to yours.',
    input: z.object({ contact: contactIdSchema }),
    output: contactSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Block the contact ${i.contact}`,
    examples: ['block {contact}'],
    undo: { method: 'contacts.unblock' },
    withheld: { peer: notForPeers },
    positional: ['contact'],
    lessens: true,
  }),
  'contacts.unblock': method({
    kind: 'call',
    about: 'Let a blocked contact through again, as far as your rules allow.',
    input: z.object({ contact: contactIdSchema }),
    output: contactSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND'],
    effect: 'admin',
    summary: (i) => `Unblock the contact ${i.contact}`,
    examples: ['unblock {contact}'],
    undo: { method: 'contacts.block' },
    withheld: { peer: notForPeers },
    positional: ['contact'],
  }),
  'contacts.remove': method({
    kind: 'call',
    about: 'Remove a contact; it can be put back for 30 days.',
    input: z.object({ contact: contactIdSchema }),
    output: contactSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND'],
    effect: 'delete',
    summary: (i) => `Remove the contact ${i.contact}`,
    examples: ['remove {contact} from my contacts'],
    undo: { method: 'contacts.restore' },
    withheld: { peer: notForPeers },
    positional: ['contact'],
  }),
  'contacts.restore': method({
    kind: 'call',
    about: 'Put a removed contact back, with everything that was noted of them.',
    input: z.object({ contact: contactIdSchema }),
    output: contactSchema,
    errors: ['NO_IDENTITY', 'KEYLESS', 'NOT_FOUND', 'CONTACTS_FULL'],
    effect: 'write',
    summary: (i) => `Put the contact ${i.contact} back`,
    examples: [],
    undo: { method: 'contacts.remove' },
    withheld: { peer: notForPeers },
    positional: ['contact'],
  }),
  'contacts.myCard': method({
    kind: 'call',
    about: 'Make your own contact link, for others to add you.',
    input: z.object({}),
    output: z.object({
      /** Proves itself, without any network; some 14,000 characters. */
      link: z.string(),
      /** Short enough for a QR code; the rest comes over the mesh when both are there. */
      shortLink: z.string(),
      name: displayNameSchema,
      expiresAt: timeSchema,
    }),
    errors: ['NO_IDENTITY', 'KEYLESS'],
    effect: 'read',
    summary: () => 'Make your contact link',
    examples: ['show my contact link'],
    withheld: { peer: 'A card is handed over by the person it describes.' },
  }),
} as const;
